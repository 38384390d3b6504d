/** `live`: a folder that is due now. `sync`: late events for one that is exported already. */
export type RunUrgency = 'live' | 'sync' | 'backfill'

/** Steps far above the number of folders that are ever due together, and within PostgreSQL's integer. */
const base: Record<RunUrgency, number> = { live: 1_000_000_000, sync: 500_000_000, backfill: 0 }

/**
 * Priority of the `index`-th of a pipeline's folders that become due together, oldest first. What is due now goes first,
 * then what came late, then backfills. Backfills take turns: the first folder of a new one goes before the hundredth of an
 * old one.
 */
export function runPriority(urgency: RunUrgency, index: number): number {
  return base[urgency] - index
}
