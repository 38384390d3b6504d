import { expect, test } from 'vitest'
import { atLeast, atMost, beside } from './aim.ts'
import type { Result } from './measure.ts'
import { jsonEntry, tableRow, textReport } from './report.ts'

const result: Result = {
  ...{ name: 'export', ratio: 1.5, spread: [1.4, 1.6], unit: 's', ours: 2, baseline: 3 },
  ...{ peakRssBytes: null, runs: 7, aim: atLeast(2), notes: [] },
}

test('a result says whether it meets its aim', () => {
  expect(tableRow(result)).toBe('| `export` | 1.5 | 1.4 to 1.6 | ≥ 2 | not met | 2 s | 3 s |  | 7 |')
  expect(tableRow({ ...result, aim: atMost(1.5) })).toContain('| ≤ 1.5 | met |')
  expect(textReport(result)).toContain('aim ≥ 2, not met')
  expect(jsonEntry(result)).toMatchObject({ aim: '≥ 2', is_met: false })
})

test('where nothing is wanted, or there is no ratio, nothing is said', () => {
  expect(tableRow({ ...result, aim: beside('rclone') })).toContain('| none: it stands beside rclone |  |')
  expect(jsonEntry({ ...result, ratio: null })).toMatchObject({ is_met: null })
})
