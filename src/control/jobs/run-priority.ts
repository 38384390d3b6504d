/**
 * Priority of the `index`-th of a pipeline's folders that become due together, oldest first. What is due now goes
 * before any backfill. Backfills take turns: the first folder of a new one goes before the hundredth of an old one.
 */
export function runPriority(backfill: boolean, index: number): number {
  return (backfill ? 0 : livePriority) - index
}

/** Far above the number of folders that are ever due together, and within PostgreSQL's integer. */
const livePriority = 1_000_000_000
