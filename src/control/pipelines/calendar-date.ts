import type { LocalHour } from '../../ids.ts'
import { localHour } from '../../local-time/zone-offsets.ts'

const dayMs = 86_400_000

/** The first hour of a date (`YYYY-MM-DD`). */
export function firstHourOf(date: string): LocalHour {
  return (Date.parse(`${date}T00:00:00Z`) / 3_600_000) as LocalHour
}

/** The date that a zone's calendars show. */
export function dateAt(timeZone: string, nowMs: number): string {
  return isoDate(localHour(timeZone, nowMs) * 3_600_000)
}

export function addDays(date: string, days: number): string {
  return isoDate(Date.parse(`${date}T00:00:00Z`) + days * dayMs)
}

/** The same day some months earlier, or the last of that month where it is shorter. */
export function subtractMonths(date: string, months: number): string {
  const [year = 0, month = 0, day = 0] = date.split('-').map(Number)
  const lastDay = new Date(Date.UTC(year, month - months, 0)).getUTCDate()
  return isoDate(Date.UTC(year, month - 1 - months, Math.min(day, lastDay)))
}

function isoDate(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(0, 10)
}
