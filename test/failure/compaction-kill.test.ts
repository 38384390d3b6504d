/**
 * A compaction is killed, as by `kill -9`, at each of its steps; and it is stopped at each, and wakes when another has done
 * its work.
 *
 * 1. Events of two projects are stored in many small commits.
 * 2. For each step: a process compacts and is killed at it; then every line and every snapshot is as before, and a few
 *    more commits come.
 * 3. A compaction is let run to its end: what is on the disk is what the index names.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import type { Kysely } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { checkStore } from '../../src/data/store/check-store.ts'
import type { EventStore } from '../../src/data/store/event-store.ts'
import { openFileBlobStore } from '../../src/data/store/file-blob-store.ts'
import type { IndexTables } from '../../src/data/store/index-tables.ts'
import type { CommitNumber, LocalHour, ProjectId } from '../../src/ids.ts'
import { createThreadPool, type ThreadPool } from '../../src/threads/pool.ts'
import { type CompactionStep, compactionPartSizeBytes, compactionSteps } from '../support/compaction-steps.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { batchOf, lineOf } from '../support/event-batches.ts'
import { createUngroupedStore } from '../support/ungrouped-store.ts'

const projects = [1 as ProjectId, 2 as ProjectId]

let database: TestDatabase
let db: Kysely<IndexTables>
let folder: string
let threads: ThreadPool
let store: EventStore
beforeAll(async () => {
  database = await createTestDatabase()
  db = database.db.withTables<IndexTables>()
  folder = await mkdtemp(join(tmpdir(), 'penstock-compaction-kill-'))
  threads = createThreadPool(1)
  store = createUngroupedStore({
    ...{ db, blobs: await openFileBlobStore(folder), run: threads.run },
    partSizeBytes: compactionPartSizeBytes,
  })
})
afterAll(async () => {
  await threads.close()
  await database.drop()
  await rm(folder, { recursive: true })
})

const sent: string[] = []

async function appendCommits(count: number): Promise<void> {
  for (let commit = 0; commit < count; commit++) {
    for (const project of projects) {
      const events = Array.from({ length: 30 }, (_, index) => ({
        event: `Event ${index % 7}`,
        properties: {
          time: 1_700_000_000 + (index % 5) * 3 * 3600,
          distinct_id: 'ann',
          $insert_id: `i-${sent.length + index}`,
          payload: 'x'.repeat(50),
        },
      }))
      await store.append(batchOf(project, 'Europe/Berlin', events))
      sent.push(...events.map((event) => `${project} ${lineOf(event)}`))
    }
  }
}

async function readLines(upTo: CommitNumber): Promise<string[]> {
  const lines: string[] = []
  for (const projectId of projects) {
    const window = { projectId, fromHour: 0 as LocalHour, toHour: 1_000_000 as LocalHour }
    for (const member of await store.members(window, upTo)) {
      const text = gunzipSync(await store.readMember(member)).toString()
      lines.push(
        ...text
          .trimEnd()
          .split('\n')
          .map((line) => `${projectId} ${line}`),
      )
    }
  }
  return lines.sort()
}

function startCompaction(step: CompactionStep | 'its end', signal: 'SIGKILL' | 'SIGSTOP') {
  const program = join(import.meta.dirname, '../support/compact-process.ts')
  const args = [program, database.url, folder, step, signal]
  return spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] })
}

/** @returns the signal that ended it, null when it came to its end */
async function compactUntil(step: CompactionStep | 'its end'): Promise<string | null> {
  const [, signal] = await once(startCompaction(step, 'SIGKILL'), 'exit')
  return signal as string | null
}

/** As PostgreSQL does it of itself to whoever rests for half an hour in the middle of a transaction. */
async function endRestingTransactions(): Promise<void> {
  const resting = `from pg_stat_activity where datname = current_database() and application_name = 'compaction'
    and state like 'idle in transaction%'`
  await database.pool.query(`select pg_terminate_backend(pid) ${resting}`)
}

/** Nothing is on the disk but what the index names, and the other way round. */
async function expectNothingLeft(step: string): Promise<void> {
  const { problems, segments } = await checkStore(db, await openFileBlobStore(folder))
  expect(problems, step).toEqual([])
  const files = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.segment'))
  expect(files, step).toHaveLength(segments)
}

test('wherever a compaction is killed, every snapshot stays what it was, and nothing is left behind', {
  timeout: 300_000,
}, async () => {
  const moments: { commit: CommitNumber; lines: string[] }[] = []
  for (const step of compactionSteps) {
    await appendCommits(3)
    moments.push({ commit: await store.snapshot(), lines: sent.toSorted() })
    expect(await compactUntil(step), step).toBe('SIGKILL')
    for (const { commit, lines } of moments) expect(await readLines(commit), step).toEqual(lines)
  }
  expect(await compactUntil('its end')).toBeNull()
  for (const { commit, lines } of moments) expect(await readLines(commit)).toEqual(lines)
  await expectNothingLeft('its end')
  expect(await db.selectFrom('segment').select('id').where('live_members', '=', 0).execute()).toEqual([])
})

test('wherever a compaction is stopped, it changes nothing when it wakes after another has done its work', {
  timeout: 300_000,
}, async () => {
  // A file that is half written is written on when it wakes, under a name that is there or is not: as at the steps beside it.
  for (const step of compactionSteps.filter((each) => each !== 'half written')) {
    await appendCommits(3)
    const moment = { commit: await store.snapshot(), lines: sent.toSorted() }
    const stopped = startCompaction(step, 'SIGSTOP')
    const ended = once(stopped, 'exit')
    await once(stopped.stdout, 'data')
    await endRestingTransactions()
    expect(await compactUntil('its end'), step).toBeNull()
    expect(await readLines(moment.commit), step).toEqual(moment.lines)
    stopped.kill('SIGCONT')
    await ended
    expect(await readLines(moment.commit), step).toEqual(moment.lines)
    await expectNothingLeft(step)
  }
})
