/** Results for people and for programs. */
import type { Result } from './measure.ts'

/** As contract.md has it, and what else is known behind it. */
export function jsonReport(results: readonly Result[]): string {
  const entries = results.map(({ peakRssBytes, ratio, ours, baseline, spread, ...rest }) => ({
    name: rest.name,
    ratio: rounded(ratio),
    unit: rest.unit,
    ours: rounded(ours),
    baseline: rounded(baseline),
    peak_rss_bytes: peakRssBytes,
    runs: rest.runs,
    spread: spread?.map(rounded) ?? null,
    aim: rest.aim,
    notes: rest.notes,
  }))
  return JSON.stringify(entries, null, 2)
}

export function textReport({ name, ratio, spread, unit, ours, baseline, ...rest }: Result): string {
  const head =
    ratio === null
      ? `${name}: no ratio`
      : `${name}: ${short(ratio)} (${spread?.map(short).join(' to ')}; ${rest.runs} ${rest.runs === 1 ? 'pair' : 'pairs'}), aim ${rest.aim}`
  const values =
    ours === null || baseline === null
      ? []
      : [`ours ${short(ours)} ${unit}, baseline ${short(baseline)} ${unit}`]
  const peak = rest.peakRssBytes === null ? [] : [`own peak memory ${Math.round(rest.peakRssBytes / 1e6)} MB`]
  return [head, ...[...values, ...peak, ...rest.notes].map((line) => `    ${line}`)].join('\n')
}

function rounded(value: number | null): number | null {
  return value === null ? null : Number(value.toPrecision(4))
}

function short(value: number): string {
  return value >= 1000 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(3)))
}
