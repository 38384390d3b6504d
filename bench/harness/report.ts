/** Results for people and for programs. */
import type { Result } from './measure.ts'

/** What other programs read: a list of entries. */
export function jsonReport(results: readonly Result[]): string {
  return JSON.stringify(results.map(jsonEntry), null, 2)
}

export function jsonEntry({ peakRssBytes, ratio, ours, baseline, spread, ...rest }: Result) {
  return {
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
  }
}

/** A row of a Markdown table: measure, ratio, least to most, aim, ours, baseline, own peak memory, pairs. */
export function tableRow(result: Result): string {
  const { name, ratio, spread, unit, ours, baseline, peakRssBytes, aim, runs } = result
  const inUnit = (value: number | null): string => (value === null ? '' : `${short(value)} ${unit}`)
  const cells = [
    `\`${name}\``,
    ratio === null ? '' : short(ratio),
    spread?.map(short).join(' to ') ?? '',
    aim,
    inUnit(ours),
    inUnit(baseline),
    peakRssBytes === null ? '' : `${Math.round(peakRssBytes / 1e6)} MB`,
    String(runs),
  ]
  return `| ${cells.join(' | ')} |`
}

export function textReport({ name, ratio, spread, unit, ours, baseline, ...rest }: Result): string {
  const head =
    ratio === null
      ? `${name}: no ratio, aim ${rest.aim}`
      : `${name}: ${short(ratio)} (${spread?.map(short).join(' to ')}; ${rest.runs} ${rest.runs === 1 ? 'pair' : 'pairs'}), aim ${rest.aim}`
  const values =
    ours === null
      ? []
      : [`ours ${short(ours)} ${unit}${baseline === null ? '' : `, baseline ${short(baseline)} ${unit}`}`]
  const peak = rest.peakRssBytes === null ? [] : [`own peak memory ${Math.round(rest.peakRssBytes / 1e6)} MB`]
  return [head, ...[...values, ...peak, ...rest.notes].map((line) => `    ${line}`)].join('\n')
}

function rounded(value: number | null): number | null {
  return value === null ? null : Number(value.toPrecision(4))
}

function short(value: number): string {
  return value >= 1000 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(3)))
}
