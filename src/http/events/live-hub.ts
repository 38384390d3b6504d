/** Looks at what comes in for projects that somebody watches: one look for all watchers of the process, whichever took it in. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Kysely } from 'kysely'
import type { Logger } from 'pino'
import type { Database } from '../../control/db/tables.ts'
import { type KnownRefusal, listRefusals } from '../../control/projects/refusals.ts'
import type { Arrivals } from '../../data/store/arrivals.ts'
import type { EventStore } from '../../data/store/event-store.ts'
import type { CommitNumber, ProjectId } from '../../ids.ts'

interface LiveLook {
  /** Undefined: nothing came. */
  arrivals: Arrivals | undefined
  /** All that are remembered of the project, the oldest first. */
  refusals: KnownRefusal[]
}

export interface LiveHub {
  /** @param signal ends it */
  watch(projectId: ProjectId, tell: (look: LiveLook) => void, signal: AbortSignal): void
}

export interface LiveHubDeps {
  db: Kysely<Database>
  store: Pick<EventStore, 'snapshot' | 'arrivals'>
  log: Pick<Logger, 'warn'>
}

const lookEveryMs = 1000
/** Of its time a database that is slow to answer spends no more than a part on looks. */
const restShare = 10

export function createLiveHub({ db, store, log }: LiveHubDeps): LiveHub {
  const watchers = new Map<(look: LiveLook) => void, ProjectId>()
  let isWorking = false

  const look = async (seen: CommitNumber): Promise<CommitNumber> => {
    const ids = [...new Set(watchers.values())]
    const now = await store.snapshot()
    const arrivals = now > seen ? await store.arrivals(ids, seen, now) : new Map<ProjectId, Arrivals>()
    const refusals = await listRefusals(db, ids)
    for (const [tell, id] of watchers) tell({ arrivals: arrivals.get(id), refusals: refusals.get(id) ?? [] })
    return now
  }

  const work = async (): Promise<void> => {
    let seen: CommitNumber | undefined
    while (watchers.size > 0) {
      const begunMs = performance.now()
      try {
        // What came before anybody watched is not live.
        seen ??= await store.snapshot()
        seen = await look(seen)
      } catch (error) {
        log.warn({ err: error }, 'what comes in could not be looked at; the next look tries again')
      }
      const restMs = Math.max(lookEveryMs, (performance.now() - begunMs) * restShare)
      await sleep(restMs, undefined, { ref: false })
    }
    isWorking = false
  }

  return {
    watch: (projectId, tell, signal) => {
      if (signal.aborted) return
      watchers.set(tell, projectId)
      signal.addEventListener('abort', () => watchers.delete(tell), { once: true })
      if (isWorking) return
      isWorking = true
      void work()
    },
  }
}
