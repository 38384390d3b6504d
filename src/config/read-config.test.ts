import { expect, test } from 'vitest'
import { readConfig } from './read-config.ts'

test('an empty environment gives the documented defaults', () => {
  const config = readConfig({})
  expect(config.port).toBe(8080)
  expect(config.backfillMonthsMax).toBe(6)
  expect(config.databaseUrl).toBeUndefined()
})

test('all problems are reported in one message, each with its setting and what is allowed', () => {
  const read = () => readConfig({ PENSTOCK_PORT: '70000', PENSTOCK_PROT: '1', PENSTOCK_S3_PATH_STYLE: 'yes' })
  expect(read).toThrow('PENSTOCK_PORT must be a whole number from 0 to 65535')
  expect(read).toThrow('PENSTOCK_PROT is unknown; did you mean PENSTOCK_PORT?')
  expect(read).toThrow('PENSTOCK_S3_PATH_STYLE must be true or false')
})

test('settings of other programs are left alone', () => {
  expect(() => readConfig({ PATH: '/bin', AWS_REGION: 'us-east-1' })).not.toThrow()
})

test('events must be kept for as long as exports may ask for them', () => {
  expect(() => readConfig({ PENSTOCK_RETENTION_DAYS: '187' })).toThrow(
    'PENSTOCK_RETENTION_DAYS must be at least 188',
  )
  expect(readConfig({ PENSTOCK_RETENTION_DAYS: '188' }).retentionDays).toBe(188)
  const short = { PENSTOCK_BACKFILL_MONTHS_MAX: '0', PENSTOCK_SYNC_DAYS_MAX: '3' }
  expect(readConfig({ PENSTOCK_RETENTION_DAYS: '5', ...short }).retentionDays).toBe(5)
})

test('the event store is in a folder or in a bucket', () => {
  const storeUrl = (text: string) => readConfig({ PENSTOCK_STORE_URL: text }).storeUrl
  expect(storeUrl('file:///var/lib/events%20of%20ours')).toEqual({
    kind: 'files',
    folder: '/var/lib/events of ours',
  })
  expect(storeUrl('s3://acme-store')).toEqual({ kind: 's3', bucket: 'acme-store', prefix: '' })
  expect(storeUrl('s3://acme-store/')).toEqual({ kind: 's3', bucket: 'acme-store', prefix: '' })
  expect(storeUrl('s3://acme-store/a/b_1.x/')).toEqual({
    kind: 's3',
    bucket: 'acme-store',
    prefix: 'a/b_1.x',
  })
  const wrong = [
    's3://',
    's3:///x',
    's3://A/x',
    's3://acme//x',
    's3://acme/../x',
    's3://acme/a?b',
    'file://x',
    '/x',
    'http://x',
  ]
  for (const text of wrong) expect(() => storeUrl(text), text).toThrow('PENSTOCK_STORE_URL must be a URL')
})

test("the settings of the store's S3 go together, and keep to TLS", () => {
  const s3 = { PENSTOCK_STORE_URL: 's3://acme-store' }
  const endpoint = 'PENSTOCK_STORE_S3_ENDPOINT'
  expect(() => readConfig({ ...s3, PENSTOCK_STORE_S3_ACCESS_KEY_ID: 'x' })).toThrow(
    'PENSTOCK_STORE_S3_ACCESS_KEY_ID and PENSTOCK_STORE_S3_SECRET_ACCESS_KEY are set together',
  )
  expect(() => readConfig({ [endpoint]: 'https://s3.example.com' })).toThrow(`${endpoint} says nothing`)
  expect(() => readConfig({ ...s3, [endpoint]: 'http://10.0.0.7:9000' })).toThrow(
    `${endpoint} must be https://`,
  )
  const open = { PENSTOCK_ALLOW_PLAIN_HTTP_ENDPOINTS: 'true' }
  for (const [url, more] of [
    ['http://10.0.0.7:9000', open],
    ['http://127.0.0.1:9000', {}],
    ['https://s3.example.com', {}],
  ] as const)
    expect(readConfig({ ...s3, ...more, [endpoint]: url }).storeS3Endpoint).toBe(url)
  expect(() => readConfig({ ...s3, [endpoint]: 'https://user:secret@s3.example.com' })).toThrow(endpoint)
})
