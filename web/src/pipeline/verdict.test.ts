import { expect, test } from 'vitest'
import type { FoldersAnswer } from '../api/answers.ts'
import { verdictOf } from './verdict.ts'

const totals: FoldersAnswer['totals'] = {
  folders: { delivered: 3 },
  events_in_store: 100,
  events_not_due: 0,
  events_delivered: 97,
  bytes_delivered: 5000,
  files: 3,
  duplicates: 3,
  events_outstanding: 0,
}
const whole = { totals, selects_all: true, state: 'active' as const }

/** What is answered where the totals differ so. */
function answerTo(changes: Partial<FoldersAnswer['totals']>, more: object = {}) {
  return verdictOf({ ...whole, ...more, totals: { ...totals, ...changes } })
}

test('everything due is delivered and the totals agree: yes', () => {
  expect(answerTo({})).toMatchObject({
    tone: 'good',
    answer: 'Yes',
    why: expect.stringContaining('totals agree'),
  })
})

test('a failed folder is a no, whatever else is delivered', () => {
  expect(answerTo({ folders: { delivered: 300, failed: 1, running: 2 } })).toMatchObject({
    tone: 'bad',
    answer: 'No',
    why: '1 folder failed.',
  })
})

test.each([{ running: 1 }, { pending: 1 }, { late_pending: 1 }])('%o is not yet', (folders) => {
  expect(answerTo({ folders: { delivered: 3, ...folders } }).answer).toBe('Not yet')
})

test('a paused pipeline says so where something waits', () => {
  expect(answerTo({ folders: { pending: 4 } }, { state: 'paused' }).why).toContain('paused')
})

test('events of folders that are yet to come due are no loss', () => {
  const { answer } = answerTo({
    folders: { delivered: 3, not_due: 1 },
    events_in_store: 140,
    events_not_due: 40,
  })
  expect(answer).toBe('Yes')
})

test('events that no folder has are a no', () => {
  expect(answerTo({ events_outstanding: 7 })).toMatchObject({ tone: 'bad', answer: 'No' })
})

test('where totals cannot be compared it claims no more than that folders are delivered', () => {
  const { answer, why } = answerTo(
    { events_in_store: null, events_outstanding: null },
    { selects_all: false },
  )
  expect(answer).toBe('Yes')
  expect(why).toContain('verify a folder')
})

test('nothing due is neither yes nor no', () => {
  expect(answerTo({ folders: { not_due: 1 } }).answer).toBe('Nothing is due yet')
})
