import { expect, test } from 'vitest'
import { checkRequest, type ExistingPipeline, type PipelineLimits } from './check-request.ts'
import type { SettledRequest } from './pipeline-request.ts'

const today = '2024-08-31'
const limits: PipelineLimits = { backfillMonthsMax: 6, recurringMax: 2, datedMax: 1 }

const request = (changes: Partial<SettledRequest> = {}, prefix: string | null = null): SettledRequest => ({
  trial: false,
  fromDate: '2024-08-01',
  toDate: null,
  frequency: 'daily',
  events: null,
  where: null,
  sync: true,
  manifest: false,
  destination: {
    bucket: 'acme-raw',
    region: 'us-west-2',
    prefix,
    roleArn: 'arn:aws:iam::222222222222:role/export',
    encryption: 'none',
    kmsKeyId: null,
  },
  ...changes,
})

const existing = (changes: Partial<ExistingPipeline> = {}): ExistingPipeline => ({
  name: 'events-daily-s3-raw',
  trial: false,
  frequency: 'daily',
  fromDate: '2024-06-01',
  toDate: null,
  bucket: 'acme-raw',
  prefix: 'old',
  ...changes,
})

const refusal = (asked: SettledRequest, have: ExistingPipeline[] = [], bounds = limits) => {
  const error = checkRequest(asked, have, bounds, today)
  return error === undefined ? undefined : `${error.code}: ${error.message}`
}

test('from_date may lie as many months back as the setting says, and no day more', () => {
  expect(refusal(request({ fromDate: '2024-02-29' }))).toBeUndefined()
  expect(refusal(request({ fromDate: '2024-02-28' }))).toContain('must be 2024-02-29 or later')
  expect(
    refusal(request({ fromDate: '2024-02-28' }), [], { ...limits, backfillMonthsMax: 7 }),
  ).toBeUndefined()
})

test('from_date may lie ahead, within a year', () => {
  expect(refusal(request({ fromDate: '2024-12-24' }))).toBeUndefined()
  expect(refusal(request({ fromDate: '2042-08-01' }))).toContain('must be 2025-09-01 or earlier')
})

test('the limit of recurring pipelines names what is used and what is allowed', () => {
  const both = [existing(), existing({ name: 'events-hourly-s3-raw', frequency: 'hourly' })]
  const answer = refusal(request({}, 'new'), both)
  expect(answer).toContain('PIPELINE_LIMIT_REACHED')
  expect(answer).toContain('2 of 2 pipelines without to_date (events-daily-s3-raw, events-hourly-s3-raw)')
})

test('recurring pipelines must differ in frequency; the answer names the other one', () => {
  expect(refusal(request({}, 'new'), [existing()])).toContain('use hourly')
  expect(refusal(request({ frequency: 'hourly' }, 'new'), [existing()])).toBeUndefined()
})

test('dated pipelines have a limit of their own', () => {
  const dated = request({ toDate: '2024-08-10' }, 'new')
  expect(refusal(dated, [existing()])).toBeUndefined()
  expect(refusal(dated, [existing({ toDate: '2024-06-30' })])).toContain('1 of 1 pipelines with to_date')
  expect(refusal(dated, [], { ...limits, datedMax: 0 })).toContain('0 of 0 pipelines with to_date (none)')
})

test('no two pipelines write the same days to the same bucket and prefix', () => {
  const wide = { ...limits, datedMax: 10 }
  const june = existing({ toDate: '2024-06-30', prefix: 'a' })
  const asks = (fromDate: string, toDate: string | null, prefix: string) =>
    refusal(request({ fromDate, toDate }, prefix), [june], wide)
  expect(asks('2024-06-30', '2024-07-02', 'a')).toContain('PIPELINE_FOLDERS_TAKEN')
  expect(asks('2024-05-01', null, 'a')).toContain('which writes the days from 2024-06-01 to 2024-06-30')
  expect(asks('2024-07-01', '2024-07-02', 'a')).toBeUndefined()
  expect(asks('2024-07-01', null, 'a')).toBeUndefined()
  expect(asks('2024-06-30', '2024-07-02', 'b')).toBeUndefined()
  const recurring = existing({ prefix: 'a' })
  expect(refusal(request({ frequency: 'hourly' }, 'a'), [recurring])).toContain('the days from 2024-06-01 on')
})

test('a trial goes one day back, is the only one, and counts among no others', () => {
  const trial = request({ trial: true, fromDate: '2024-08-30', toDate: '2024-09-29' }, 'new')
  expect(refusal(trial, [existing(), existing({ toDate: '2024-06-30' })])).toBeUndefined()
  expect(refusal({ ...trial, fromDate: '2024-08-29' })).toContain('must be 2024-08-30 or later')
  const have = existing({ trial: true, name: 'trial-events-daily-s3-raw', toDate: '2024-09-29' })
  expect(refusal(trial, [have])).toContain('1 of 1 trial pipelines (trial-events-daily-s3-raw)')
  expect(refusal(request({ toDate: '2024-08-10' }, 'new'), [have])).toBeUndefined()
  expect(refusal(request({ toDate: '2024-08-30' }, 'old'), [have])).toContain('PIPELINE_FOLDERS_TAKEN')
})
