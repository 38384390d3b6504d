/**
 * What a project may do a bounded number of times at once and in a while, whichever process it asks. A turn is a row:
 *
 *   under way (held_until ahead, renewed) ──given back──▶ over ──an hour──▶ gone
 *                   └──its process fell silent, held_until passed──▶ over
 */
import { type Kysely, type RawBuilder, sql, type Transaction } from 'kysely'
import type { Clock } from '../../clock.ts'
import type { ProjectId } from '../../ids.ts'
import { orDatabaseAway } from '../db/database-away.ts'
import type { Database } from '../db/tables.ts'

export interface TurnBounds {
  /** Under way. */
  atOnceMax: number
  /** Begun in the last so many milliseconds, an hour at most. */
  windows: readonly { turnsMax: number; lengthMs: number }[]
}

export interface TurnRefusal {
  used: number
  max: number
  /** Of the window that is full; undefined: as many are under way as may be. */
  windowMs: number | undefined
  /** When the next may begin; at once: not known. */
  waitMs: number | undefined
}

interface Turn {
  /** Gives it back; a failure to do so ends with its time. */
  release(): Promise<void>
}

export interface ProjectTurns {
  /** @throws PenstockError DATABASE_UNREACHABLE */
  take(project: ProjectId): Promise<Turn | { refused: TurnRefusal }>
}

/** A process that is silent for so long holds no turn any more. */
const heldMs = 60_000
const renewedEveryMs = 20_000
const keptMs = 3_600_000
/** Turns of any project, long over, that each new one takes away. */
const sweptMax = 20

/** @param kind what the turns are for; each kind has bounds of its own */
export function createProjectTurns(
  db: Kysely<Database>,
  clock: Clock,
  kind: string,
  bounds: TurnBounds,
): ProjectTurns {
  return {
    take: async (project) => {
      const nowMs = clock.nowMs()
      const taken = await orDatabaseAway(
        db.transaction().execute((tx) => takeTurn(tx, { kind, project, nowMs }, bounds)),
      )
      if ('refused' in taken) return taken
      const { id } = taken
      const hold = (untilMs: number | null) =>
        db
          .updateTable('project_turn')
          .set({ held_until: untilMs === null ? null : new Date(untilMs) })
          .where('id', '=', id)
          .execute()
          .catch(() => undefined)
      const renewing = setInterval(() => void hold(clock.nowMs() + heldMs), renewedEveryMs)
      return {
        release: async () => {
          clearInterval(renewing)
          await hold(null)
        },
      }
    },
  }
}

interface AskedTurn {
  kind: string
  project: ProjectId
  nowMs: number
}

async function takeTurn(
  tx: Transaction<Database>,
  asked: AskedTurn,
  bounds: TurnBounds,
): Promise<{ id: string } | { refused: TurnRefusal }> {
  const { kind, project, nowMs } = asked
  // A project's turns are taken one after the other, so that none is taken twice.
  await sql`select pg_advisory_xact_lock(hashtextextended(${`turn ${kind} ${project}`}, 0))`.execute(tx)
  await sweepTurns(tx, nowMs)
  const refused = await findRefusal(tx, asked, bounds)
  if (refused !== undefined) return { refused }
  return await tx
    .insertInto('project_turn')
    .values({ kind, project_id: project, taken_at: new Date(nowMs), held_until: new Date(nowMs + heldMs) })
    .returning('id')
    .executeTakeFirstOrThrow()
}

async function findRefusal(
  tx: Transaction<Database>,
  { kind, project, nowMs }: AskedTurn,
  { atOnceMax, windows }: TurnBounds,
): Promise<TurnRefusal | undefined> {
  const now = new Date(nowMs)
  const inWindow = windows.map(({ lengthMs }) => sql`taken_at > ${new Date(nowMs - lengthMs)}`)
  const list = (parts: RawBuilder<unknown>[]) => sql`array[${sql.join(parts)}]`
  // From the index project_turn_project. Times that lie ahead are from before the clock was set back.
  const { rows } = await sql<{ under_way: number; begun: number[]; oldest_ms: (number | null)[] }>`
    select count(*) filter (where held_until > ${now})::integer as under_way,
      ${list(inWindow.map((within) => sql`count(*) filter (where ${within})::integer`))}::integer[] as begun,
      ${list(inWindow.map((within) => sql`extract(epoch from min(taken_at) filter (where ${within})) * 1000`))}::float8[]
        as oldest_ms
    from project_turn
    where kind = ${kind} and project_id = ${project} and taken_at <= ${now}`.execute(tx)
  const [{ under_way: underWay, begun, oldest_ms }] = rows as [(typeof rows)[0]]
  if (underWay >= atOnceMax) return { used: underWay, max: atOnceMax, windowMs: undefined, waitMs: undefined }
  for (const [place, { turnsMax, lengthMs }] of windows.entries()) {
    const used = begun[place] ?? 0
    const oldestMs = oldest_ms[place] ?? nowMs
    if (used >= turnsMax)
      return { used, max: turnsMax, windowMs: lengthMs, waitMs: oldestMs + lengthMs - nowMs }
  }
  return undefined
}

/** From the index project_turn_taken; what others are at is left to them. */
async function sweepTurns(tx: Transaction<Database>, nowMs: number): Promise<void> {
  await sql`
    delete from project_turn where id in (
      select id from project_turn
      where taken_at < ${new Date(nowMs - keptMs)} and (held_until is null or held_until < ${new Date(nowMs)})
      order by taken_at
      limit ${sweptMax}
      for update skip locked
    )`.execute(tx)
}
