/** The days that measures work on. */

import type { DaySpec } from '../generator/make-part.ts'
import type { Bench } from '../harness/bench.ts'
import type { Sizes } from '../harness/sizes.ts'

/** Fixed, so that what was generated once serves for ever. */
export const date = '2026-01-15'

export function dayOf(events: number): DaySpec {
  return { set: 'seeded', date, events, repeats: 'once' }
}

export function largeDay({ dayEvents }: Sizes): DaySpec {
  return dayOf(dayEvents)
}

export function importDay({ importEvents }: Sizes): DaySpec {
  return dayOf(importEvents)
}

/** How much was exported, and where to. */
export async function dayNote(bench: Bench, events: number, bytes: number): Promise<string> {
  const { server } = await bench.place()
  return `${events.toLocaleString('en')} events, ${(bytes / 1e6).toPrecision(3)} MB to the ${server}`
}
