/** Quotas on the command line: options that change them, and how they are shown. */
import { type Command, InvalidArgumentError, Option } from 'commander'
import {
  type OwnQuota,
  type Quota,
  type QuotaName,
  quotaNames,
  unboundedQuota,
} from '../control/projects/quota.ts'
import type { ProjectUsage } from '../data/store/project-usage.ts'

/** Of `default`: as the settings say. */
type GivenQuota = number | 'default'

/** As commander names the options: `--events-per-day` is `eventsPerDay`. */
export interface QuotaOptions {
  eventsPerDay?: GivenQuota
  bytesPerDay?: GivenQuota
  eventsPerMonth?: GivenQuota
  bytesPerMonth?: GivenQuota
}

export function addQuotaOptions(command: Command): Command {
  for (const unit of ['events', 'bytes'] as const) {
    for (const period of ['day', 'month'] as const) {
      const what = unit === 'bytes' ? 'uncompressed bytes of events' : 'events'
      const meaning = `${what} it may send in a ${period} (UTC): a number, none, or default for the setting's`
      command.addOption(new Option(`--${unit}-per-${period} <max>`, meaning).argParser(parseQuota))
    }
  }
  return command
}

function parseQuota(text: string): GivenQuota {
  if (text === 'default') return 'default'
  if (text === 'none') return unboundedQuota
  if (/^\d{1,15}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('a quota is a whole number, none or default.')
}

/** Undefined where no option is given. */
export function quotaChanges(options: QuotaOptions): Partial<OwnQuota> | undefined {
  const changes = {
    eventsPerDayMax: options.eventsPerDay,
    bytesPerDayMax: options.bytesPerDay,
    eventsPerMonthMax: options.eventsPerMonth,
    bytesPerMonthMax: options.bytesPerMonth,
  }
  const given = Object.entries(changes).flatMap(([name, max]) =>
    max === undefined ? [] : [[name, max === 'default' ? null : max] as const],
  )
  return given.length === 0 ? undefined : (Object.fromEntries(given) as Partial<OwnQuota>)
}

/** The document's names of what may be sent in; null: no bound. */
export function quotaDocument(quota: Quota): Record<string, number | null> {
  return Object.fromEntries(quotaNames.map((name) => [documentNames[name], quota[name] ?? null]))
}

const documentNames: Record<QuotaName, string> = {
  eventsPerDayMax: 'events_per_day_max',
  bytesPerDayMax: 'bytes_per_day_max',
  eventsPerMonthMax: 'events_per_month_max',
  bytesPerMonthMax: 'bytes_per_month_max',
}

/** What was sent in beside what may be, a line a period. */
export function usageText({ day, month }: ProjectUsage, quota: Quota): string {
  const of = (used: number, max: number | undefined, unit: string) =>
    `${used.toLocaleString('en-US')}${max === undefined ? '' : ` of ${max.toLocaleString('en-US')}`} ${unit}`
  return [
    `today        ${of(day.events, quota.eventsPerDayMax, 'events')}, ${of(day.bytes, quota.bytesPerDayMax, 'bytes')} (UTC)`,
    `this month   ${of(month.events, quota.eventsPerMonthMax, 'events')}, ${of(month.bytes, quota.bytesPerMonthMax, 'bytes')}`,
  ].join('\n')
}
