import { expect, test } from 'vitest'
import { createParameters, destinationParameters, emptyDraft, problemsOf, setupParameters } from './draft.ts'

const draft = {
  ...emptyDraft,
  fromDate: '2024-02-20',
  bucket: 'acme-events',
  region: 'us-west-2',
  account: '222222222222',
}

test('an empty form has nothing wrong yet, and asks for nothing', () => {
  const empty = { ...emptyDraft, fromDate: '2024-02-20' }
  expect(problemsOf(empty)).toEqual({})
  expect([setupParameters(empty), destinationParameters(empty), createParameters(empty)]).toEqual([
    undefined,
    undefined,
    undefined,
  ])
})

test('a bucket, a region and an account are enough for a request', () => {
  expect(createParameters(draft)).toMatchObject({
    type: 's3-raw',
    from_date: '2024-02-20',
    s3_bucket: 'acme-events',
    s3_role: 'arn:aws:iam::222222222222:role/penstock-export',
    s3_encryption: 'aes',
  })
})

test('the role is of the partition of the region', () => {
  expect(destinationParameters({ ...draft, region: 'cn-north-1' })?.s3_role).toMatch(/^arn:aws-cn:/)
})

test('a key by its id is tested with, but no policy can name it', () => {
  const key = '1234abcd-12ab-34cd-56ef-1234567890ab'
  const byId = { ...draft, encryption: 'kms' as const, kmsKey: key }
  expect(destinationParameters(byId)?.s3_kms_key_id).toBe(key)
  expect(setupParameters(byId)?.s3_kms_key_id).toBeUndefined()
})

test.each([
  ['bucket', { bucket: 'Acme' }],
  ['region', { region: 'us-west' }],
  ['account', { account: '22' }],
  ['toDate', { toDate: '2024-02-19' }],
])('a wrong %s is told, and no request is made', (field, change) => {
  expect(problemsOf({ ...draft, ...change })).toHaveProperty(field)
  expect(createParameters({ ...draft, ...change })).toBeUndefined()
})

test('an end makes it daily', () => {
  const hourly = { ...draft, frequency: 'hourly' as const }
  expect(createParameters(hourly)?.frequency).toBe('hourly')
  expect(createParameters({ ...hourly, toDate: '2024-03-01' })?.frequency).toBeUndefined()
})
