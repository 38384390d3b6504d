import fc from 'fast-check'
import { Temporal } from 'temporal-polyfill'
import { expect, test } from 'vitest'
import { localHour } from './zone-offsets.ts'

const zones = [
  'UTC',
  'America/St_Johns',
  'America/Los_Angeles',
  'Africa/Monrovia',
  'Africa/Casablanca',
  'Asia/Kathmandu',
  'Australia/Lord_Howe',
  'Pacific/Apia',
  'Europe/Dublin',
]

/** The wall clock's own reading, by Temporal alone. */
function hourByTemporal(zone: string, timeMs: number): number {
  const wall = Temporal.Instant.fromEpochMilliseconds(timeMs).toZonedDateTimeISO(zone).toPlainDateTime()
  return Date.UTC(wall.year, wall.month - 1, wall.day, wall.hour) / 3_600_000
}

test('the local hour is what the wall clock shows, in any zone at any time', () => {
  const time = fc.integer({ min: 0, max: Date.parse('2045-01-01') })
  fc.assert(
    fc.property(fc.constantFrom(...zones), time, (zone, timeMs) => {
      expect(localHour(zone, timeMs)).toBe(hourByTemporal(zone, timeMs))
    }),
    { numRuns: 2000 },
  )
})

test('the local hour is right on both sides of every change of an offset', () => {
  for (const zone of zones) {
    let moment = Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(zone)
    for (let change = 0; change < 200; change++) {
      const next = moment.getTimeZoneTransition('next')
      if (next === null || next.year > 2035) break
      for (const timeMs of [next.epochMilliseconds - 1, next.epochMilliseconds]) {
        expect(localHour(zone, timeMs)).toBe(hourByTemporal(zone, timeMs))
      }
      moment = next
    }
  }
})

test('the day that Samoa skipped has no hours', () => {
  const before = Date.parse('2011-12-30T09:59:59Z')
  expect(localHour('Pacific/Apia', before + 1000) - localHour('Pacific/Apia', before)).toBe(25)
})
