import { InvalidArgumentError } from 'commander'
import type { LocalHour } from '../ids.ts'

/** The first hour of a calendar date, counted in local hours. */
export function parseDate(text: string): LocalHour {
  const ms = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN
  // Date.parse takes the 31st of February for a day in March.
  if (Number.isNaN(ms) || new Date(ms).toISOString().slice(0, 10) !== text) {
    throw new InvalidArgumentError('it is a date, YYYY-MM-DD.')
  }
  return (ms / 3_600_000) as LocalHour
}
