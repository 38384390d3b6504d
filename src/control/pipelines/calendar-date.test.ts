import { expect, test } from 'vitest'
import { addDays, dateAt, subtractMonths } from './calendar-date.ts'

test('months back keep the day, or take the last of a shorter month', () => {
  expect(subtractMonths('2024-09-15', 6)).toBe('2024-03-15')
  expect(subtractMonths('2024-08-31', 6)).toBe('2024-02-29')
  expect(subtractMonths('2023-08-31', 6)).toBe('2023-02-28')
  expect(subtractMonths('2024-03-31', 6)).toBe('2023-09-30')
  expect(subtractMonths('2024-01-01', 12)).toBe('2023-01-01')
  expect(subtractMonths('2024-05-05', 0)).toBe('2024-05-05')
})

test('days ahead go over the ends of months and leap days', () => {
  expect(addDays('2024-02-28', 2)).toBe('2024-03-01')
  expect(addDays('2023-12-31', 1)).toBe('2024-01-01')
})

test('the date is that of the zone', () => {
  const nowMs = Date.parse('2024-01-01T03:00:00Z')
  expect(dateAt('America/Los_Angeles', nowMs)).toBe('2023-12-31')
  expect(dateAt('Asia/Tokyo', nowMs)).toBe('2024-01-01')
})
