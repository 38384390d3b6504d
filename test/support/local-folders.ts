/** Where events belong by the calendar of a time zone: worked out with Intl alone, from the documentation's words. */

export interface FolderRules {
  timeZone: string
  frequency: 'daily' | 'hourly'
}

/** The folder of an instant: `YYYY/MM/DD/full_day/` or `YYYY/MM/DD/HH/`. */
export function createFolderOf({ timeZone, frequency }: FolderRules): (timeMs: number) => string {
  const format = new Intl.DateTimeFormat('en-CA', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    hourCycle: 'h23',
  })
  return (timeMs) => {
    const parts = new Map(format.formatToParts(timeMs).map(({ type, value }) => [type, value]))
    const last = frequency === 'daily' ? 'full_day' : parts.get('hour')
    return `${parts.get('year')}/${parts.get('month')}/${parts.get('day')}/${last}/`
  }
}

/** Every folder from that date's first one to the one of `lastMs`; hours that the zone's clock skips are not among them. */
export function foldersSince(fromDate: string, lastMs: number, rules: FolderRules): string[] {
  const folderOf = createFolderOf(rules)
  const first = fromDate.replaceAll('-', '/')
  const folders = new Set<string>()
  // Half an hour is the finest step of any zone's offset that a date of today has.
  for (let ms = Date.parse(fromDate) - 86_400_000; ms <= lastMs; ms += 1_800_000) folders.add(folderOf(ms))
  folders.add(folderOf(lastMs))
  return [...folders].filter((folder) => folder >= first).sort()
}
