import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { LocalHour } from '../../ids.ts'
import { localHour } from '../../local-time/zone-offsets.ts'
import { firstHourOf } from './calendar-date.ts'
import { type DueFolder, type DuePlanInput, planDueFolders } from './plan-due-folders.ts'

const hourMs = 3_600_000

const input = (changes: Partial<DuePlanInput>): DuePlanInput => ({
  frequency: 'daily',
  toDate: null,
  nextLocalHour: firstHourOf('2024-03-08'),
  timeZone: 'America/Los_Angeles',
  nowMs: Date.parse('2024-03-11T08:00:00Z'),
  foldersMax: 5000,
  ...changes,
})

const days = (folders: DueFolder[]) =>
  folders.map((folder) => new Date(folder.localHour * hourMs).toISOString().slice(0, 10))

test('every day that is over is due, and the next is named with its time', () => {
  const plan = planDueFolders(input({}))
  expect(days(plan.folders)).toEqual(['2024-03-08', '2024-03-09', '2024-03-10'])
  expect(plan.next).toEqual({
    localHour: firstHourOf('2024-03-11'),
    dueAtMs: Date.parse('2024-03-12T07:30:00Z'),
  })
})

test('a day becomes due at the very moment, not before', () => {
  const dueAtMs = Date.parse('2024-03-09T08:30:00Z')
  expect(planDueFolders(input({ nowMs: dueAtMs - 1 })).folders).toEqual([])
  expect(days(planDueFolders(input({ nowMs: dueAtMs })).folders)).toEqual(['2024-03-08'])
})

test('hours of a day with 23 hours: the one that was skipped has no folder', () => {
  const plan = planDueFolders(input({ frequency: 'hourly', nextLocalHour: firstHourOf('2024-03-10') }))
  const hours = plan.folders.slice(0, 4).map((folder) => folder.localHour - firstHourOf('2024-03-10'))
  expect(hours).toEqual([0, 1, 3, 4])
})

test('after to_date nothing more is planned', () => {
  const plan = planDueFolders(input({ toDate: '2024-03-09', nowMs: Date.parse('2025-01-01T00:00:00Z') }))
  expect(days(plan.folders)).toEqual(['2024-03-08', '2024-03-09'])
  expect(plan.next).toBeNull()
})

test('the date that Samoa skipped is skipped', () => {
  const plan = planDueFolders(
    input({
      timeZone: 'Pacific/Apia',
      nextLocalHour: firstHourOf('2011-12-29'),
      toDate: '2011-12-31',
      nowMs: Date.parse('2012-02-01T00:00:00Z'),
    }),
  )
  expect(days(plan.folders)).toEqual(['2011-12-29', '2011-12-31'])
})

test('one plan is bounded, and the next goes on after it', () => {
  const plan = planDueFolders(input({ foldersMax: 2 }))
  expect(days(plan.folders)).toEqual(['2024-03-08', '2024-03-09'])
  expect(plan.next?.localHour).toBe(firstHourOf('2024-03-10'))
  expect(plan.next?.dueAtMs).toBeLessThan(input({}).nowMs)
})

test('whatever the looks, crashes and jumps of the clock: no folder is lost, none comes twice', () => {
  const zone = fc.constantFrom('UTC', 'America/Los_Angeles', 'Australia/Lord_Howe', 'Asia/Kathmandu')
  const startMs = Date.parse('2024-03-28T00:00:00Z')
  const spanMs = 14 * 24 * hourMs
  const look = fc.record({
    atMs: fc.integer({ min: startMs - spanMs, max: startMs + spanMs }),
    // The process may die before the cursor and the runs are written: then neither is.
    crashes: fc.boolean(),
    foldersMax: fc.integer({ min: 1, max: 40 }),
  })
  fc.assert(
    fc.property(zone, fc.constantFrom('daily', 'hourly'), fc.array(look), (timeZone, frequency, looks) => {
      const fromHour = firstHourOf('2024-03-30')
      let cursor: LocalHour = fromHour
      const planned: number[] = []
      const end = { atMs: startMs + spanMs, crashes: false, foldersMax: 10_000 }
      for (const { atMs, crashes, foldersMax } of [...looks, end]) {
        const plan = planDueFolders(
          input({ timeZone, frequency, nextLocalHour: cursor, nowMs: atMs, foldersMax }),
        )
        if (crashes || plan.next === null) continue
        cursor = plan.next.localHour
        planned.push(...plan.folders.map((folder) => folder.localHour))
      }
      expect(planned).toEqual(everyFolder(timeZone, frequency, fromHour, end.atMs))
    }),
    { numRuns: 60 },
  )
})

/** The naive way: walks through time by minutes and notes each folder that the wall clock passes through. */
function everyFolder(timeZone: string, frequency: string, fromHour: number, untilMs: number): number[] {
  const size = frequency === 'daily' ? 24 : 1
  const lastSeenMs = new Map<number, number>()
  for (let timeMs = (fromHour - 24) * hourMs; timeMs < untilMs; timeMs += 15 * 60_000) {
    const folder = Math.floor(localHour(timeZone, timeMs) / size) * size
    if (folder >= fromHour) lastSeenMs.set(folder, timeMs)
  }
  return [...lastSeenMs]
    .filter(([, seenMs]) => seenMs + 45 * 60_000 <= untilMs)
    .map(([folder]) => folder)
    .sort((left, right) => left - right)
}
