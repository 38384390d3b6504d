import type { ImportCounts } from './import-counts.ts'

const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 })
const megabytes = new Intl.NumberFormat('en-US', { minimumFractionDigits: 1, maximumFractionDigits: 1 })

/** `1,234`. */
export function formatCount(value: number): string {
  return whole.format(value)
}

/** `1 event`, `1,234 events`. */
export function countOf(value: number, noun: string): string {
  return `${formatCount(value)} ${value === 1 ? noun : `${noun}s`}`
}

/** `12,000 events imported, 3 refused, 2.1 MB of 80.0 MB read, 6,000 events a second`. */
export function describeProgress(
  { imported, refused, bytesRead }: Readonly<ImportCounts>,
  bytesTotal: number | undefined,
  passedMs: number,
): string {
  const total = bytesTotal === undefined ? '' : ` of ${megabytes.format(bytesTotal / 1e6)} MB`
  return [
    `${countOf(imported, 'event')} imported`,
    ...(refused > 0 ? [`${formatCount(refused)} refused`] : []),
    `${megabytes.format(bytesRead / 1e6)} MB${total} read`,
    `${countOf(ratePerSecond(imported, passedMs), 'event')} a second`,
  ].join(', ')
}

export function ratePerSecond(events: number, passedMs: number): number {
  return passedMs <= 0 ? 0 : Math.round((events * 1000) / passedMs)
}
