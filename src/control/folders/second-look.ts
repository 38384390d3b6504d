/**
 * When a folder that has just been finished is looked at again. S3 carries out whatever is signed, and a network may hold a
 * request for as long as it likes: one of an attempt that broke off may take `complete` away, or bring a file back, after a
 * later attempt has finished the folder. So may one that got no answer and was sent again, after the attempt's own end.
 */
import { type RawBuilder, sql } from 'kysely'
import type { FolderId } from './folder-contents.ts'

/**
 * After so long nothing arrives any more that S3 would carry out: it takes no request that is a quarter of an hour from its
 * own time, and the clock of the host that signed may have been ahead by as much.
 */
const expiredMinutes = 30
export const firstLookMinutes = 2

/** The end of the attempt that has finished a folder. */
export interface FolderEnd {
  nowMs: number
  /** A change that it asked of the bucket got no answer, and was asked again. */
  unanswered: boolean
}

/**
 * Null where of late no attempt at the folder has broken off, and none was left without an answer. Else two minutes after
 * that, four, eight …, and once when nothing can come any more: what came soon is put right soon, and what came last as well.
 * From the index run_attempt_folder.
 */
export function nextLook(
  { pipelineId, localHour }: FolderId,
  { nowMs, unanswered }: FolderEnd,
): RawBuilder<Date | null> {
  const now = sql`${new Date(nowMs)}::timestamptz`
  const expired = sql`make_interval(mins => ${expiredMinutes})`
  return sql<Date | null>`(
    select least(
      max(at) + ${expired},
      greatest(max(at) + make_interval(mins => ${firstLookMinutes}), ${now} + (${now} - max(at)))
    )
    from (
      select ended_at as at from run_attempt
      where pipeline_id = ${pipelineId} and local_hour = ${localHour} and ended_in <> 'succeeded'
      union all
      select unanswered_at from folder where pipeline_id = ${pipelineId} and local_hour = ${localHour}
      union all
      select ${now} where ${unanswered}
    ) as trouble
    where at > ${now} - ${expired}
  )`
}
