import { describe, expect, test } from 'vitest'
import { importTimeRules, readEventTime, trackTimeRules } from './event-time.ts'

const nowMs = Date.UTC(2026, 0, 15, 12, 0, 0, 250)
const thisSecondMs = nowMs - 250
const day = 86_400_000
const onImport = (time: unknown) => readEventTime(time, importTimeRules(nowMs))
const onTrack = (time: unknown) => readEventTime(time, trackTimeRules(nowMs))

describe('unit', () => {
  test.each([
    ['seconds', 1_618_716_477, 1_618_716_477_000],
    ['milliseconds', 1_618_716_477_123, 1_618_716_477_123],
    ['seconds with milliseconds', 1_618_716_477.123, 1_618_716_477_123],
    ['seconds with microseconds, cut', 1_618_716_477.9999, 1_618_716_477_999],
    ['milliseconds with more, cut', 1_618_716_477_123.9, 1_618_716_477_123],
    ['text of seconds', '1618716477', 1_618_716_477_000],
    ['text of a decimal', '1618716477.5', 1_618_716_477_500],
    ['text of milliseconds', '1618716477123', 1_618_716_477_123],
  ])('%s', (_unit, time, timeMs) => {
    expect(onImport(time)).toBe(timeMs)
  })

  test('every millisecond of a second survives as a decimal of seconds', () => {
    for (let ms = 0; ms < 1000; ms++) {
      const text = `1618716477.${String(ms).padStart(3, '0')}`
      expect(onImport(Number(text))).toBe(1_618_716_477_000 + ms)
    }
  })

  test.each([
    [undefined],
    [null],
    [''],
    ['yesterday'],
    ['2026-01-15'],
    ['1e9'],
    ['-5'],
    [' 1618716477'],
    [`1.${'0'.repeat(40)}`],
    [true],
    [{}],
    [[1_618_716_477]],
    [Number.NaN],
    [Number.POSITIVE_INFINITY],
  ])('%j is refused', (time) => {
    expect(onImport(time)).toEqual(expect.stringContaining('seconds or milliseconds'))
  })
})

describe('bounds', () => {
  test('1971-01-01 is the first moment that /import takes', () => {
    expect(onImport(31_536_000)).toBe(31_536_000_000)
    expect(onImport(31_535_999)).toEqual(expect.stringContaining('1971-01-01'))
    expect(onImport(0)).toEqual(expect.stringContaining('1971-01-01'))
    expect(onImport(-1)).toEqual(expect.stringContaining('1971-01-01'))
  })

  test('one hour ahead is set to now, more is refused', () => {
    expect(onImport(nowMs)).toBe(nowMs)
    expect(onImport(nowMs + 1)).toBe(thisSecondMs)
    expect(onImport(nowMs + 3_600_000)).toBe(thisSecondMs)
    expect(onImport(nowMs + 3_600_001)).toEqual(expect.stringContaining('one hour ahead'))
    expect(onImport(1e11)).toEqual(expect.stringContaining('one hour ahead'))
  })

  test('/track takes the last five days', () => {
    expect(onTrack(nowMs - 5 * day)).toBe(nowMs - 5 * day)
    expect(onTrack(nowMs - 5 * day - 1)).toEqual(expect.stringContaining('/import'))
    expect(onTrack(nowMs + 3_600_001)).toEqual(expect.stringContaining('one hour ahead'))
  })

  test('an event of /track without a time happened now', () => {
    expect(onTrack(undefined)).toBe(thisSecondMs)
    expect(onTrack(null)).toEqual(expect.stringContaining('seconds or milliseconds'))
  })
})
