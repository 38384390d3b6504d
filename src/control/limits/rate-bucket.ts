/** The token bucket of a project in bytes, which every api process takes from: one statement, one row. */
import { type Kysely, sql } from 'kysely'
import type { ProjectId } from '../../ids.ts'
import { orDatabaseAway } from '../db/database-away.ts'
import type { Database } from '../db/tables.ts'

export interface BytesAsk {
  project: ProjectId
  /** What the bucket holds when it is full, a minute's worth. */
  bytesPerMinuteMax: number
  /** Nothing less will do; more than the bucket holds is given when it is full, and owed. */
  neededBytes: number
  /** So much would do for a while. */
  wantedBytes: number
  nowMs: number
}

export interface BytesAnswer {
  /** 0, or at least what was needed. */
  grantedBytes: number
  /** Left in the bucket; negative: owed. */
  leftBytes: number
}

/**
 * Takes bytes out of a project's bucket.
 * @throws PenstockError DATABASE_UNREACHABLE
 */
export async function takeFromBucket(db: Kysely<Database>, ask: BytesAsk): Promise<BytesAnswer> {
  const { project, bytesPerMinuteMax, neededBytes, wantedBytes } = ask
  const now = sql`${new Date(ask.nowMs)}::timestamptz`
  const max = sql`${bytesPerMinuteMax}::float8`
  // What a bucket with `filled` bytes gives.
  const given = (filled: ReturnType<typeof sql>) => sql`case
    when ${filled} < least(${neededBytes}::float8, ${max}) then 0
    else greatest(${neededBytes}::float8, least(${wantedBytes}::float8, ${filled}))
  end`
  // Whoever has the row's lock sees what those before took. A clock that was set back fills nothing.
  const { rows } = await orDatabaseAway(
    sql<{ granted: number; bytes: number }>`
      insert into rate_bucket as bucket (project_id, bytes, granted, filled_at)
      select ${project}::integer, ${max} - given, given, ${now} from (select ${given(max)} as given) as first
      on conflict (project_id) do update set (bytes, granted, filled_at) = (
        select filled - given, given, ${now}
        from (
          select least(${max}, bucket.bytes
            + greatest(0, extract(epoch from ${now} - bucket.filled_at)) * ${max} / 60) as filled
        ) as level
        cross join lateral (select ${given(sql`filled`)} as given) as share
      )
      returning granted, bytes`.execute(db),
  )
  const { granted, bytes } = rows[0] as { granted: number; bytes: number }
  return { grantedBytes: granted, leftBytes: bytes }
}
