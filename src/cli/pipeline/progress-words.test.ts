import { expect, test } from 'vitest'
import type { PipelineJob } from '../../http/contract/pipeline-answers.ts'
import { leftText } from './progress-words.ts'

const nowMs = Date.parse('2024-03-01T12:00:00Z')
const folders = { folders_done: 1, folders_to_do: 1, folders_failed: 0, bytes_done: 10 }
const left = (progress?: Partial<NonNullable<PipelineJob['progress']>>) =>
  leftText({ progress: progress && { ...folders, events_done: 0, ...progress } } as PipelineJob, nowMs)

test('only what is known is told', () => {
  expect(left()).toBe('')
  expect(left({})).toBe('')
  expect(left({ events_done: 1234 })).toBe(', 1,234 events')
})

test.each([
  ['2024-03-01T12:00:40Z', '40 s'],
  ['2024-03-01T12:02:30Z', '3 min'],
  ['2024-03-01T14:05:00Z', '2 h 5 min'],
  ['2024-03-01T11:59:00Z', '0 s'],
])('an end at %s is %s away', (end, text) => {
  const progress = { events_done: 360_000, events_per_second: 40_000, estimated_end: end }
  expect(left(progress)).toBe(`, 360,000 events, 40,000 events a second, ${text} left`)
})
