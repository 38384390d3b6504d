/** Results for people and for programs. */
import { isAimMet } from './aim.ts'
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
    aim: rest.aim.text,
    is_met: isAimMet(rest.aim, ratio),
    notes: rest.notes,
  }
}

/** A row of a Markdown table: measure, ratio, least to most, aim, met or not, ours, baseline, own peak memory, pairs. */
export function tableRow(result: Result): string {
  const { name, ratio, spread, unit, ours, baseline, peakRssBytes, aim, runs } = result
  const inUnit = (value: number | null): string => (value === null ? '' : `${short(value)} ${unit}`)
  const cells = [
    `\`${name}\``,
    ratio === null ? '' : short(ratio),
    spread?.map(short).join(' to ') ?? '',
    aim.text,
    metOrNot(result),
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
      ? `${name}: no ratio, aim ${rest.aim.text}`
      : `${name}: ${short(ratio)} (${spread?.map(short).join(' to ')}; ${rest.runs} ${rest.runs === 1 ? 'pair' : 'pairs'}), aim ${[rest.aim.text, metOrNot({ aim: rest.aim, ratio })].filter(Boolean).join(', ')}`
  const values =
    ours === null
      ? []
      : [`ours ${short(ours)} ${unit}${baseline === null ? '' : `, baseline ${short(baseline)} ${unit}`}`]
  const peak = rest.peakRssBytes === null ? [] : [`own peak memory ${Math.round(rest.peakRssBytes / 1e6)} MB`]
  return [head, ...[...values, ...peak, ...rest.notes].map((line) => `    ${line}`)].join('\n')
}

function metOrNot({ aim, ratio }: Pick<Result, 'aim' | 'ratio'>): string {
  const isMet = isAimMet(aim, ratio)
  return isMet === null ? '' : isMet ? 'met' : 'not met'
}

function rounded(value: number | null): number | null {
  return value === null ? null : Number(value.toPrecision(4))
}

function short(value: number): string {
  return value >= 1000 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(3)))
}
