import { expect, test } from 'vitest'
import type { LocalHour, ProjectId } from '../../ids.ts'
import { folderKey } from './folder-key.ts'

const project = 42 as ProjectId
const hourOf = (iso: string) => (Date.parse(iso) / 3_600_000) as LocalHour

test('a daily folder ends in full_day, an hourly one in its two-digit hour', () => {
  expect(folderKey('test', project, { localHour: hourOf('2026-02-03T00:00Z'), hours: 24 })).toBe(
    'test/42/2026/02/03/full_day/',
  )
  expect(folderKey('test', project, { localHour: hourOf('2026-12-31T07:00Z'), hours: 1 })).toBe(
    'test/42/2026/12/31/07/',
  )
})

test('without a prefix the key begins with the project', () => {
  expect(folderKey(null, project, { localHour: hourOf('2026-02-03T00:00Z'), hours: 24 })).toBe(
    '42/2026/02/03/full_day/',
  )
})
