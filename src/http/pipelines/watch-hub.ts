/**
 * Looks at pipelines that somebody watches: one look at the database for all watchers of the process, whichever worker has the
 * runs. Nobody watches, nobody looks.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Kysely } from 'kysely'
import type { Logger } from 'pino'
import type { Clock } from '../../clock.ts'
import type { Database } from '../../control/db/tables.ts'
import { type EndedAttempt, listNewAttempts, newestAttempt } from '../../control/runs/list-attempts.ts'
import { readWatched, type WatchedState } from '../../control/runs/read-watched.ts'
import type { PipelineId } from '../../ids.ts'

/** What a look has found of a pipeline. */
export interface WatchLook {
  /** Undefined: the pipeline is gone. */
  found: WatchedState | undefined
  /** Attempts that have ended since the look before. */
  ended: EndedAttempt[]
}

export interface WatchHub {
  /** @param signal ends it */
  watch(pipelineId: PipelineId, tell: (look: WatchLook) => void, signal: AbortSignal): void
}

export interface WatchHubDeps {
  db: Kysely<Database>
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
  const watchers = new Map<(look: WatchLook) => void, PipelineId>()
  let working: Promise<void> | undefined
  let wake = new AbortController()

  const look = async (seen: Set<number>): Promise<void> => {
    const ids = [...new Set(watchers.values())]
    const newest = Math.max(...seen)
    const states = await readWatched(deps.db, ids, deps.clock.nowMs())
    const attempts = await listNewAttempts(deps.db, ids, newest - overlap, attemptsMax)
    const fresh = attempts.filter(({ id }) => id > newest - overlap && !seen.has(id))
    for (const [tell, id] of watchers) {
      const ended = fresh.filter(({ pipelineId }) => pipelineId === id)
      tell({ found: states.get(id), ended })
    }
    for (const { id } of attempts) seen.add(id)
    const last = Math.max(...seen)
    for (const id of seen) if (id < last - overlap) seen.delete(id)
  }

  const work = async (): Promise<void> => {
    let seen: Set<number> | undefined
    while (watchers.size > 0) {
      const begunMs = performance.now()
      try {
        seen ??= await knownAttempts(deps.db)
        await look(seen)
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
    watch: (pipelineId, tell, signal) => {
      if (signal.aborted) return
      watchers.set(tell, pipelineId)
      signal.addEventListener('abort', () => watchers.delete(tell), { once: true })
      // Whoever comes is told at once.
      if (working === undefined) working = work()
      else wake.abort()
    },
  }
}

/** Those that have ended before anybody watched. */
async function knownAttempts(db: Kysely<Database>): Promise<Set<number>> {
  const newest = await newestAttempt(db)
  return new Set(Array.from({ length: overlap + 1 }, (_, place) => newest - place))
}
