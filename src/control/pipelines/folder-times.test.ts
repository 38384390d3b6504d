import fc from 'fast-check'
import { Temporal } from 'temporal-polyfill'
import { expect, test } from 'vitest'
import type { LocalHour } from '../../ids.ts'
import { localHour } from '../../local-time/zone-offsets.ts'
import { firstHourOf } from './calendar-date.ts'
import { folderTimes } from './folder-times.ts'

const zones = [
  'UTC',
  'America/Los_Angeles',
  'America/St_Johns',
  'America/Sao_Paulo',
  'America/Havana',
  'Atlantic/Azores',
  'Europe/Berlin',
  'Asia/Kathmandu',
  'Australia/Lord_Howe',
  'Pacific/Apia',
  'Pacific/Chatham',
]

const hour = (date: string, of = 0) => (firstHourOf(date) + of) as LocalHour
const due = (zone: string, localHour: LocalHour, hours: 1 | 24) => {
  const times = folderTimes(zone, localHour, hours)
  return times === undefined
    ? undefined
    : Temporal.Instant.fromEpochMilliseconds(times.dueAtMs)
        .toZonedDateTimeISO(zone)
        .toString({ timeZoneName: 'never' })
}

test('a day is due at 00:30 of the next day in the zone, on days of 23 and 25 hours too', () => {
  expect(due('America/Los_Angeles', hour('2024-01-05'), 24)).toBe('2024-01-06T00:30:00-08:00')
  expect(due('America/Los_Angeles', hour('2024-03-10'), 24)).toBe('2024-03-11T00:30:00-07:00')
  expect(due('America/Los_Angeles', hour('2024-11-03'), 24)).toBe('2024-11-04T00:30:00-08:00')
  expect(due('Asia/Kathmandu', hour('2024-01-05'), 24)).toBe('2024-01-06T00:30:00+05:45')
})

test('an hour is due 30 minutes past the next hour', () => {
  expect(due('UTC', hour('2024-01-05', 7), 1)).toBe('2024-01-05T08:30:00+00:00')
  expect(due('Asia/Kathmandu', hour('2024-01-05', 23), 1)).toBe('2024-01-06T00:30:00+05:45')
})

test('an hour that the clocks show twice is one folder, due after the second time', () => {
  const times = folderTimes('America/Los_Angeles', hour('2024-11-03', 1), 1)
  expect((times?.endMs ?? 0) - (times?.startMs ?? 0)).toBe(2 * 3_600_000)
  expect(due('America/Los_Angeles', hour('2024-11-03', 1), 1)).toBe('2024-11-03T02:30:00-08:00')
})

test('an hour or a day that the clocks skip is no folder', () => {
  expect(folderTimes('America/Los_Angeles', hour('2024-03-10', 2), 1)).toBeUndefined()
  expect(folderTimes('Pacific/Apia', hour('2011-12-30'), 24)).toBeUndefined()
  expect(folderTimes('Pacific/Apia', hour('2011-12-30', 12), 1)).toBeUndefined()
})

test('a zone that changes by half an hour loses no folder', () => {
  expect(due('Australia/Lord_Howe', hour('2024-10-06', 2), 1)).toBe('2024-10-06T03:30:00+11:00')
  expect(due('Australia/Lord_Howe', hour('2024-04-07', 1), 1)).toBe('2024-04-07T02:30:00+10:30')
})

test('a day whose midnight the clocks skip begins with its first moment', () => {
  const times = folderTimes('America/Sao_Paulo', hour('2018-11-04'), 24)
  expect(new Date(times?.startMs ?? 0).toISOString()).toBe('2018-11-04T03:00:00.000Z')
})

test('every instant lies within the times of its hour and of its day, and before they are due', () => {
  const instant = fc.integer({ min: Date.parse('1990-01-01'), max: Date.parse('2030-01-01') })
  fc.assert(
    fc.property(fc.constantFrom(...zones), instant, (zone, timeMs) => {
      const at = localHour(zone, timeMs)
      for (const [first, hours] of [
        [at, 1],
        [Math.floor(at / 24) * 24, 24],
      ] as const) {
        const times = folderTimes(zone, first as LocalHour, hours)
        expect(times?.startMs).toBeLessThanOrEqual(timeMs)
        expect(times?.endMs).toBeGreaterThan(timeMs)
        expect(times?.dueAtMs).toBe((times?.endMs ?? 0) + 30 * 60_000)
        expect(localHour(zone, (times?.endMs ?? 0) - 1)).toBe(lastHour(zone, first, hours, times?.endMs ?? 0))
      }
    }),
    { numRuns: 3000 },
  )
})

/** The wall clock's hour in the last moment of a folder, by Temporal alone. */
function lastHour(zone: string, first: number, hours: number, endMs: number): number {
  const wall = Temporal.Instant.fromEpochMilliseconds(endMs - 1)
    .toZonedDateTimeISO(zone)
    .toPlainDateTime()
  const last = Date.UTC(wall.year, wall.month - 1, wall.day, wall.hour) / 3_600_000
  expect(last).toBeGreaterThanOrEqual(first)
  expect(last).toBeLessThan(first + hours)
  return last
}
