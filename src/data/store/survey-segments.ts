/**
 * What the segments themselves say of themselves, as tables that live as long as the transaction: a store has more
 * segments than memory should hold.
 */
import { sql, type Transaction } from 'kysely'
import { PenstockError } from '../../errors/penstock-error.ts'
import type { CommitNumber, SegmentId } from '../../ids.ts'
import type { BlobStore } from './blob-store.ts'
import type { IndexTables } from './index-tables.ts'
import { readFooters } from './read-footers.ts'
import type { SegmentFooter } from './segment-format.ts'

export interface Survey {
  /** Writes that were cut short: nothing of them was ever acknowledged. */
  unfinished: SegmentId[]
  /** Segments whose footer has changed since it was written. */
  damaged: SegmentId[]
}

/** Fills `found_segment`, `found_source` and `replaced_member`. */
export async function surveySegments(tx: Transaction<IndexTables>, blobs: BlobStore): Promise<Survey> {
  await createTables(tx)
  const survey: Survey = { unfinished: [], damaged: [] }
  for await (const { id, byteLength, footer } of readFooters(blobs, blobs.list())) {
    const found = await footer.catch(damagedFooter)
    if (found === 'damaged') survey.damaged.push(id)
    else if (found === undefined) survey.unfinished.push(id)
    else await record(tx, id, byteLength, found)
  }
  return survey
}

async function createTables(tx: Transaction<IndexTables>): Promise<void> {
  await sql`
    create temporary table found_segment (id text primary key, byte_length bigint not null, is_merged boolean not null)
    on commit drop`.execute(tx)
  await sql`
    create temporary table found_source (merged_id text, place integer, source_id text not null, primary key (merged_id, place))
    on commit drop`.execute(tx)
  await sql`
    create temporary table replaced_member (segment_id text, ordinal integer, primary key (segment_id, ordinal))
    on commit drop`.execute(tx)
}

async function record(
  tx: Transaction<IndexTables>,
  id: SegmentId,
  byteLength: number,
  { sources, replaces }: SegmentFooter,
): Promise<void> {
  await sql`insert into found_segment values (${id}, ${byteLength}, ${sources.length > 0})`.execute(tx)
  if (sources.length === 0) return
  await sql`
    insert into found_source
    select ${id}, place - 1, source_id
    from unnest(${sources}::text[]) with ordinality as source (source_id, place)`.execute(tx)
  await sql`
    insert into replaced_member
    select "segmentId", unnest(ordinals)
    from jsonb_to_recordset(${JSON.stringify(replaces)}::jsonb) as replaced ("segmentId" text, ordinals integer[])
    on conflict do nothing`.execute(tx)
}

/**
 * Fills `commit_of (id, number)`: of each segment that brought events, its commit. What the index knows stays; the others
 * come after that, in the order of their making.
 */
export async function numberCommits(tx: Transaction<IndexTables>): Promise<void> {
  await sql`
    create temporary table commit_of (id text primary key, number bigint not null) on commit drop`.execute(tx)
  await sql`
    insert into commit_of
    select id, commit_number from segment where commit_number is not null
    union
    select source.id, source.number
    from segment, unnest(source_ids, source_commits) as source (id, number)
    on conflict do nothing`.execute(tx)
  await sql`
    with new as (
      insert into commit_of
      select id, (select number from store_commit) + row_number() over (order by id)
      from (
        select id from found_segment where not is_merged
        union
        select source_id from found_source
        except
        select id from commit_of
      ) as unknown
      returning number
    )
    update store_commit set number = greatest(number, (select max(number) from new))`.execute(tx)
}

/** Commit numbers of a merged segment's sources, in the order of its footer. */
export async function numberedSources(
  tx: Transaction<IndexTables>,
  mergedId: SegmentId,
): Promise<CommitNumber[]> {
  const { rows } = await sql<{ number: CommitNumber }>`
    select number from found_source join commit_of on commit_of.id = source_id
    where merged_id = ${mergedId}
    order by place`.execute(tx)
  return rows.map(({ number }) => number)
}

function damagedFooter(cause: unknown): 'damaged' {
  if (cause instanceof PenstockError && cause.code === 'STORE_SEGMENT_CORRUPT') return 'damaged'
  throw cause
}
