/**
 * What a project's clients were refused, for its owner to see. Counted in memory and written once a second at most, however
 * many there are; what can't be written is forgotten: no event waits for it.
 */
import { type Kysely, sql } from 'kysely'
import type { Logger } from 'pino'
import type { Clock } from '../../clock.ts'
import type { ProjectId } from '../../ids.ts'
import type { Database } from '../db/tables.ts'

export interface Refusal {
  projectId: ProjectId
  path: '/import' | '/track'
  /** Null: the whole request. */
  field: string | null
  /** As the client was told. */
  message: string
}

export interface RefusalRecord {
  count(refusal: Refusal): void
  /** Writes what is left. */
  stop(): Promise<void>
}

export interface KnownRefusal extends Refusal {
  id: number
  count: number
  firstAtMs: number
  lastAtMs: number
}

const writeEveryMs = 1000
/** Causes that are counted between two writes; of more, those that come later are not. */
const countedMax = 1000
/** Causes that a project keeps: the newest. */
const keptMax = 100
const messageLengthMax = 500

interface Counted extends Refusal {
  count: number
}

export function createRefusalRecord(
  db: Kysely<Database>,
  clock: Clock,
  log: Pick<Logger, 'warn'>,
): RefusalRecord {
  let counted = new Map<string, Counted>()
  let writing: Promise<void> | undefined
  let timer: NodeJS.Timeout | undefined
  const write = async (): Promise<void> => {
    timer = undefined
    await writing
    const refusals = [...counted.values()]
    counted = new Map()
    if (refusals.length === 0) return
    writing = writeRefusals(db, refusals, new Date(clock.nowMs())).catch((error) => {
      log.warn({ err: error }, 'what clients were refused could not be recorded')
    })
    await writing
  }
  return {
    count: (refusal) => {
      const message = refusal.message.slice(0, messageLengthMax)
      const key = JSON.stringify([refusal.projectId, refusal.path, refusal.field, message])
      const known = counted.get(key)
      if (known !== undefined) known.count += 1
      else if (counted.size < countedMax) counted.set(key, { ...refusal, message, count: 1 })
      timer ??= setTimeout(() => void write(), writeEveryMs).unref()
    },
    stop: async () => {
      clearTimeout(timer)
      await write()
    },
  }
}

/** One statement to count and one to forget, whatever the number of causes. */
async function writeRefusals(db: Kysely<Database>, refusals: readonly Counted[], now: Date): Promise<void> {
  const column = <Name extends keyof Counted>(name: Name) => refusals.map((refusal) => refusal[name])
  const fields = refusals.map(({ field }) => field ?? '')
  await sql`
    insert into refusal (project_id, path, field, message, count, first_at, last_at)
    select refused.*, ${now}::timestamptz, ${now}::timestamptz
    from unnest(${column('projectId')}::integer[], ${column('path')}::text[], ${fields}::text[],
      ${column('message')}::text[], ${column('count')}::bigint[]) as refused (project_id, path, field, message, count)
    -- In one order in every process, so that none waits for another in a circle. A project may be gone since.
    where exists (select from project where project.id = refused.project_id)
    order by project_id, path, field, message
    on conflict on constraint refusal_cause do update
    set count = refusal.count + excluded.count, last_at = greatest(refusal.last_at, excluded.last_at)`.execute(
    db,
  )
  const projects = [...new Set(column('projectId'))]
  await sql`
    delete from refusal
    using unnest(${projects}::integer[]) as crowded (project_id)
    where refusal.project_id = crowded.project_id and refusal.id not in (
      select id from refusal newest
      where newest.project_id = crowded.project_id
      order by last_at desc, id desc
      limit ${keptMax}
    )`.execute(db)
}

/** Of each of these projects, the oldest first. */
export async function listRefusals(
  db: Kysely<Database>,
  projectIds: readonly ProjectId[],
): Promise<Map<ProjectId, KnownRefusal[]>> {
  const rows = await db
    .selectFrom('refusal')
    .selectAll()
    .where(sql<boolean>`project_id = any(${projectIds}::integer[])`)
    .orderBy('last_at')
    .execute()
  const known = rows.map((row) => ({
    id: row.id,
    projectId: row.project_id,
    path: row.path as Refusal['path'],
    field: row.field === '' ? null : row.field,
    message: row.message,
    count: row.count,
    firstAtMs: row.first_at.getTime(),
    lastAtMs: row.last_at.getTime(),
  }))
  return Map.groupBy(known, ({ projectId }) => projectId)
}
