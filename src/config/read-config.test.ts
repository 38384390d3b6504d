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
