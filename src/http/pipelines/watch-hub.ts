/**
 * Looks at pipelines that somebody watches: one look at the database for all watchers of the process, whichever worker has the
 * runs. Nobody watches, nobody looks.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Kysely } from 'kysely'
import type { Logger } from 'pino'
import type { Clock } from '../../clock.ts'
import type { Database } from '../../control/db/tables.ts'
import { type LateFolder, listLateFolders } from '../../control/folders/list-late-folders.ts'
import { type EndedAttempt, listNewAttempts, newestAttempt } from '../../control/runs/list-attempts.ts'
import { readWatched, type WatchedState } from '../../control/runs/read-watched.ts'
import type { EventStore } from '../../data/store/event-store.ts'
import type { CommitNumber, PipelineId, ProjectId } from '../../ids.ts'

/** What a look has found of a pipeline. */
export interface WatchLook {
  /** Undefined: the pipeline is gone. */
  found: WatchedState | undefined
  /** Attempts that have ended since the look before. */
  ended: EndedAttempt[]
  /** Delivered folders that events have come for since then. */
  late: LateFolder[]
}

interface Watched {
  id: PipelineId
  projectId: ProjectId
}

export interface WatchHub {
  /** @param signal ends it */
  watch(pipeline: Watched, tell: (look: WatchLook) => void, signal: AbortSignal): void
}

export interface WatchHubDeps {
  db: Kysely<Database>
  store: Pick<EventStore, 'snapshot' | 'arrivedHours'>
  clock: Clock
  log: Pick<Logger, 'warn'>
}

const lookEveryMs = 1000
/** Of its time a database that is slow to answer spends no more than a part on looks. */
const restShare = 10
const attemptsMax = 1000
/** Rows become visible in the order of their commits, not of their ids: so many are looked for again. */
const overlap = 200

export function createWatchHub(deps: WatchHubDeps): WatchHub {
  const watchers = new Map<(look: WatchLook) => void, Watched>()
  let working: Promise<void> | undefined
  let wake = new AbortController()

  const look = async ({ seen, commit }: Known): Promise<Known> => {
    // Whoever comes meanwhile is told by the next look.
    const looking = [...watchers]
    const watched = looking.map(([, pipeline]) => pipeline)
    const ids = [...new Set(watched.map(({ id }) => id))]
    const newest = Math.max(...seen)
    const states = await readWatched(deps.db, ids, deps.clock.nowMs())
    const attempts = await listNewAttempts(deps.db, ids, newest - overlap, attemptsMax)
    const fresh = attempts.filter(({ id }) => id > newest - overlap && !seen.has(id))
    const now = await deps.store.snapshot()
    const late = now > commit ? await findLate(deps, watched, commit, now) : []
    for (const [tell, { id }] of looking) {
      if (!watchers.has(tell)) continue
      const ended = fresh.filter(({ pipelineId }) => pipelineId === id)
      tell({ found: states.get(id), ended, late: late.filter(({ pipelineId }) => pipelineId === id) })
    }
    for (const { id } of attempts) seen.add(id)
    const last = Math.max(...seen)
    for (const id of seen) if (id < last - overlap) seen.delete(id)
    return { seen, commit: now }
  }

  const work = async (): Promise<void> => {
    let known: Known | undefined
    while (watchers.size > 0) {
      const begunMs = performance.now()
      try {
        // What was there before anybody watched is no news.
        known ??= { seen: await knownAttempts(deps.db), commit: await deps.store.snapshot() }
        known = await look(known)
      } catch (error) {
        deps.log.warn({ err: error }, 'watched pipelines could not be looked at; the next look tries again')
      }
      const restMs = Math.max(lookEveryMs, (performance.now() - begunMs) * restShare)
      wake = new AbortController()
      await sleep(restMs, undefined, { signal: wake.signal, ref: false }).catch(() => undefined)
    }
    working = undefined
  }

  return {
    watch: (pipeline, tell, signal) => {
      if (signal.aborted) return
      watchers.set(tell, pipeline)
      signal.addEventListener('abort', () => watchers.delete(tell), { once: true })
      // Whoever comes is told at once.
      if (working === undefined) working = work()
      else wake.abort()
    },
  }
}

/** What was told of already. */
interface Known {
  /** Ids of attempts. */
  seen: Set<number>
  /** Of the store. */
  commit: CommitNumber
}

async function findLate(
  { db, store }: WatchHubDeps,
  watched: readonly Watched[],
  after: CommitNumber,
  upTo: CommitNumber,
): Promise<LateFolder[]> {
  const arrived = await store.arrivedHours(
    [...new Set(watched.map(({ projectId }) => projectId))],
    after,
    upTo,
  )
  const ids = watched.map(({ id }) => id)
  return arrived.hours.length === 0 ? [] : await listLateFolders(db, ids, arrived)
}

/** Those that have ended before anybody watched. */
async function knownAttempts(db: Kysely<Database>): Promise<Set<number>> {
  const newest = await newestAttempt(db)
  return new Set(Array.from({ length: overlap + 1 }, (_, place) => newest - place))
}
