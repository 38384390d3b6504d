import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createImportCounts } from './import-counts.ts'
import { type ProgressOptions, showProgress } from './progress.ts'
import { describeProgress } from './progress-text.ts'

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  vi.useRealTimers()
})

/** A stream that remembers, and a clock that the fake timers move. */
function screen(isTTY: boolean, bytesTotal: number | undefined) {
  const written: string[] = []
  const stream = { isTTY, columns: 200, write: (text: string) => written.push(text) > 0 }
  const counts = createImportCounts()
  const clock = { nowMs: () => Date.now() }
  const options: ProgressOptions = { counts, bytesTotal, stream: stream as ProgressOptions['stream'], clock }
  return { written, counts, options }
}

test('away from a terminal: a line every ten seconds, without control characters', () => {
  const { written, counts, options } = screen(false, 4_000_000)
  const progress = showProgress(options)
  Object.assign(counts, { bytesRead: 1_000_000, events: 5_000, imported: 4_000, refused: 2 })
  vi.advanceTimersByTime(20_000)
  progress.say('the server answers 503')
  progress.stop()
  vi.advanceTimersByTime(60_000)
  expect(written).toEqual([
    '4,000 events imported, 2 refused, 1.0 MB of 4.0 MB read, 400 events a second\n',
    '4,000 events imported, 2 refused, 1.0 MB of 4.0 MB read, 200 events a second\n',
    'the server answers 503\n',
  ])
})

test('on a terminal: a bar that grows with the bytes read', () => {
  const { written, counts, options } = screen(true, 4_000_000)
  const progress = showProgress(options)
  Object.assign(counts, { bytesRead: 1_000_000, imported: 4_000 })
  vi.advanceTimersByTime(2_000)
  expect(written.join('')).toContain('==========------------------------------ 25% | 4,000 events imported')
  progress.say('the server answers 503')
  expect(written.join('')).toContain('the server answers 503\n')
  counts.bytesRead = 4_000_000
  progress.stop()
  expect(written.join('')).toContain(' 100% | ')
})

test('on a terminal, with an input that does not tell its size: figures without a bar', () => {
  const { written, counts, options } = screen(true, undefined)
  const progress = showProgress(options)
  counts.imported = 4_000
  vi.advanceTimersByTime(2_000)
  progress.stop()
  expect(written.join('')).toContain('4,000 events imported')
  expect(written.join('')).not.toContain('%')
})

test('one event is one event, and before any time has passed there is no rate', () => {
  const counts = { ...createImportCounts(), imported: 1 }
  expect(describeProgress(counts, undefined, 0)).toBe('1 event imported, 0.0 MB read, 0 events a second')
})
