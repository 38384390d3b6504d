import { type Kysely, sql } from 'kysely'
import type { LocalHour, PipelineId } from '../../ids.ts'
import type { Database } from '../db/tables.ts'
import { waitingOrWorking } from '../runs/run-state.ts'

/** What has become of a day of a pipeline so far. */
export interface DaySyncs {
  /** First hour of the day. */
  localHour: LocalHour
  /** When its folders were exported, and when late events were added to them; ascending, of very many the newest. */
  timesMs: number[]
  /** Some of it failed, and nobody will try again before the pipeline is resumed. */
  isFailed: boolean
  /** Some of it is on its way, or is still to come due. */
  isPending: boolean
}

/** Older days are left out. */
const daysMax = 1000
/** Of each day. Late events in every hour of ten days make 241. */
const timesMax = 250

interface DayRow {
  day: number
  times: Date[]
  is_failed: boolean
  is_pending: boolean
}

/** The days of which a pipeline has planned something, in order; of very many, the newest. */
export async function listDaySyncs(db: Kysely<Database>, pipelineId: PipelineId): Promise<DaySyncs[]> {
  // Runs come by the index run_folder, and folders by their key.
  const { rows } = await sql<DayRow>`
    with day as (
      select local_hour / 24 as day,
        bool_or(state in ('failed', 'timed_out')) as is_failed,
        bool_or(state = any(${waitingOrWorking}::text[])) as is_waiting
      from run
      where pipeline_id = ${pipelineId}
      group by 1
      order by 1 desc
      limit ${daysMax}
    )
    select day.day, day.is_failed,
      -- Of a day that is not over, some hours are still to come.
      day.is_waiting or coalesce(pipeline.next_local_hour < (day.day + 1) * 24, false) as is_pending,
      array(
        select time
        from folder, unnest(exported_at || synced_at) as time
        where folder.pipeline_id = ${pipelineId}
          and local_hour >= day.day * 24 and local_hour < (day.day + 1) * 24
        order by time desc
        limit ${timesMax}
      ) as times
    from day, pipeline
    where pipeline.id = ${pipelineId}
    order by day.day`.execute(db)
  return rows.map((row) => ({
    localHour: (row.day * 24) as LocalHour,
    timesMs: row.times.map((time) => time.getTime()).reverse(),
    isFailed: row.is_failed,
    isPending: row.is_pending,
  }))
}
