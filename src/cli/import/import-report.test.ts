import { describe, expect, test } from 'vitest'
import { fileUnreadable, gaveUp } from './import-errors.ts'
import type { ImportResult } from './import-files.ts'
import { importDocument, importReport, isComplete } from './import-report.ts'

const finished: ImportResult = {
  outcome: 'finished',
  error: undefined,
  events: 12_000,
  imported: 12_000,
  refused: 0,
  brokenFiles: [],
  firstRejects: [],
}
const reject = { file: 'a.json', line: 7, error: { field: 'event', message: 'not so' }, event: '{}' }
const asked = { files: ['a.json', 'b.json'] }

test('all went in: one sentence', () => {
  expect(importReport(asked, finished, 4_000)).toBe(
    'Imported 12,000 of 12,000 events from 2 files, 3,000 a second.',
  )
  expect(isComplete(finished)).toBe(true)
})

test('what was refused: the first ones, and how to have all', () => {
  const result = { ...finished, imported: 11_990, refused: 10, firstRejects: [reject] }
  expect(importReport(asked, result, 1_000).split('\n').slice(1)).toEqual([
    'Refused 10 events:',
    '  a.json:7: not so',
    '  and 9 events more; --rejects FILE writes down all of them',
  ])
  expect(importReport({ ...asked, rejectsFile: 'r.json' }, result, 1_000)).toContain(
    'All of them are in r.json.',
  )
  expect(isComplete(result)).toBe(false)
})

test('an early end: what is missing, why, and that it can be run again', () => {
  const stopped: ImportResult = { ...finished, outcome: 'stopped', imported: 2_000 }
  expect(importReport(asked, stopped, 1_000).split('\n').slice(1)).toEqual([
    'Not sent: 10,000 events that had been read.',
    'Stopped before the end. Run the same command again: no event is kept twice.',
  ])
  const error = gaveUp(new URL('http://h/import'), 'the server answers 503', 20_000)
  const failed: ImportResult = { ...stopped, outcome: 'failed', error }
  expect(importReport(asked, failed, 1_000)).toContain(
    'Failed: http://h: the server answers 503; gave up after 20 seconds.',
  )
  for (const result of [stopped, failed]) expect(isComplete(result)).toBe(false)
})

describe('the document', () => {
  test('of an import that went well', () => {
    expect(importDocument(asked, finished)).toEqual({
      outcome: 'finished',
      files: 2,
      events: 12_000,
      imported: 12_000,
      refused: 0,
      unsent: 0,
      rejects_file: null,
      broken_files: [],
      error: null,
    })
  })

  test('of one that did not', () => {
    const error = gaveUp(new URL('http://h/import'), 'the server answers 503', 20_000)
    const brokenFiles = [fileUnreadable('b.json', new Error('unexpected end of file'))]
    const result: ImportResult = {
      ...finished,
      outcome: 'failed',
      error,
      imported: 1,
      refused: 2,
      brokenFiles,
    }
    expect(isComplete({ ...finished, brokenFiles })).toBe(false)
    expect(importDocument({ ...asked, rejectsFile: 'r' }, result)).toMatchObject({
      outcome: 'failed',
      unsent: 11_997,
      rejects_file: 'r',
      broken_files: ["b.json can't be read: unexpected end of file"],
      error: { code: 'IMPORT_GAVE_UP' },
    })
  })
})
