/** Who takes the processor while something is measured: where all share one machine, that may be what bounds them. */
import { availableParallelism } from 'node:os'
import {
  cpuSecondsOf,
  familyCpuSeconds,
  forgetPeakRss,
  machineCpuSeconds,
  peakRssOf,
} from './process-usage.ts'

/** In cores: one that was busy half of the time is 0.5. */
interface CoresUsed {
  /** By the processes that are measured. */
  ours: number
  database: number
  /** By the bench itself, which is their client. */
  client: number
  /** By every process of the machine; 0 where it does not tell. */
  all: number
}

export interface Usage {
  cores: CoresUsed
  /** Of all of the processes together. */
  peakRssBytes: number
}

export const coresThere = availableParallelism()

/** Begins to watch; what it gives tells of the time since then. */
export function watchCores(pids: readonly number[], databasePid: number | undefined): () => Usage {
  for (const pid of pids) forgetPeakRss(pid)
  const before = look(pids, databasePid)
  return () => {
    const after = look(pids, databasePid)
    const cores = (of: keyof CoresUsed): number => (after[of] - before[of]) / (after.seconds - before.seconds)
    return {
      cores: {
        ours: cores('ours'),
        database: cores('database'),
        client: cores('client'),
        all: cores('all'),
      },
      peakRssBytes: pids.reduce((sum, pid) => sum + peakRssOf(pid), 0),
    }
  }
}

function look(pids: readonly number[], databasePid: number | undefined) {
  return {
    seconds: performance.now() / 1000,
    ours: pids.reduce((sum, pid) => sum + cpuSecondsOf(pid), 0),
    database: databasePid === undefined ? 0 : familyCpuSeconds(databasePid),
    client: cpuSecondsOf(process.pid),
    all: machineCpuSeconds(),
  }
}
