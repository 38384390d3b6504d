/**
 * Late events and finished folders: any sequence of commits, duplicates, exports, syncs and crashes gives the same bucket
 * as a naive model.
 *
 * 1. Batches of events from a small universe (so that duplicates are frequent) are appended, one commit each.
 *    Now and then members are merged.
 * 2. Folders of three pipelines (a day, a day of some events, an hour) are exported, then synced, at random times.
 * 3. A run may be broken off before or after any request to the bucket, as if its process were gone; what another worker
 *    then does comes as late as chance has it.
 * 4. Whenever a folder has `complete`, it holds every event up to a snapshot once, the newest of its duplicates. At the
 *    end each folder is synced, and holds everything.
 */
import { mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type DedupHash, dedupKey, dedupKeyBytes } from '../../src/data/ingest/dedup-key.ts'
import type { LocalHour, PipelineId, ProjectId, RunId } from '../../src/ids.ts'
import { LeaseOver } from '../../src/workflows/run-lease.ts'
import { identityOf, lineOf, type TestEvent } from '../support/event-batches.ts'
import { createExportWorld, type ExportWorld } from '../support/export-world.ts'
import { insertPipeline, insertProject, insertRun, readRun } from '../support/pipeline-rows.ts'
import { openStorePlace, type StorePlace } from '../support/store-place.ts'

const day = 473_352 as LocalHour
const daySeconds = day * 3600
const names = ['Signed Up', 'Page Viewed', 'a"quoted\\name']

let place: StorePlace
beforeAll(async () => {
  place = await openStorePlace('late')
})
afterAll(() => place?.close())

/** A pipeline's one folder in these tests, and what belongs into it. */
interface Target {
  pipelineId: PipelineId
  key: string
  localHour: LocalHour
  hours: 1 | 24
  wants(event: TestEvent): boolean
  exported: RunId | undefined
  /** The run that isn't finished. */
  open: RunId | undefined
}

interface Late {
  world: ExportWorld
  projectId: ProjectId
  targets: Target[]
  /** Events by commit: commit 1 is the first. */
  commits: TestEvent[][]
}

async function startLate(): Promise<Late> {
  await place.db.withTables<{ segment: { id: string } }>().deleteFrom('segment').execute()
  await place.db
    .withTables<{ store_commit: { number: number } }>()
    .updateTable('store_commit')
    .set({ number: 0 })
    .execute()
  const projectId = await insertProject(place.db)
  const root = await mkdtemp(join(place.folder, 'world-'))
  const world = await createExportWorld({
    db: place.db,
    threads: place.threads,
    folder: root,
    startMs: (daySeconds + 172_800) * 1000,
  })
  const target = async (
    prefix: string,
    hours: 1 | 24,
    events: string[] | null,
    wants: (event: TestEvent) => boolean,
  ): Promise<Target> => {
    const pipelineId = await insertPipeline(place.db, projectId, {
      s3_prefix: prefix,
      events,
      frequency: hours === 24 ? 'daily' : 'hourly',
    })
    const key = `${prefix}/${projectId}/2024/01/01/${hours === 24 ? 'full_day' : '06'}/`
    const localHour = (hours === 24 ? day : day + 6) as LocalHour
    return { pipelineId, key, localHour, hours, wants, exported: undefined, open: undefined }
  }
  const some = ['Page Viewed', 'a"quoted\\name']
  const targets = [
    await target('all', 24, null, () => true),
    await target('some', 24, some, ({ event }) => some.includes(event)),
    await target(
      'hour',
      1,
      null,
      ({ properties }) => Math.floor((properties.time - daySeconds) / 3600) === 6,
    ),
  ]
  return { world, projectId, targets, commits: [] }
}

async function append(
  { world, projectId, commits }: Late,
  events: TestEvent[],
  weakHash = false,
): Promise<void> {
  // Sixteen different keys for all events: nearly every comparison is a collision.
  const weak: DedupHash = (identity) =>
    String.fromCharCode(dedupKey(identity).charCodeAt(0) & 15).repeat(dedupKeyBytes)
  await world.append(projectId, 'UTC', events, weakHash ? weak : dedupKey)
  commits.push(events)
}

/** What the folder should hold as of a commit. */
function expected({ commits }: Late, target: Target, upTo: number): string[] {
  const newest = new Map(
    commits.slice(0, upTo).flatMap((events) => events.map((event) => [identityOf(event), event])),
  )
  return [...newest.values()].filter(target.wants).map(lineOf).sort()
}

/** One attempt at the target's next run: its export, then syncs. `strike` may break it off. */
async function work(
  late: Late,
  target: Target,
  strike?: { at: number; when: 'before' | 'after' },
): Promise<void> {
  const { world } = late
  if (target.exported !== undefined && target.open === undefined) await expectLook(late, target)
  target.open ??= await insertNext(target)
  let requests = 0
  world.bucket.strike = (_request, when) => {
    if (when === 'before') requests += 1
    if (strike !== undefined && requests > strike.at && when === strike.when) throw new LeaseOver('lost')
  }
  await world.work(target.open)
  world.bucket.strike = () => {}
  // Whoever is gone is gone for longer than its lease.
  world.clock.ms += 61_000
  if ((await readRun(place.db, target.open)).state !== 'succeeded') return
  target.exported ??= target.open
  target.open = undefined
}

async function insertNext(target: Target): Promise<RunId> {
  const { pipelineId, localHour, hours } = target
  const kind = target.exported === undefined ? 'export' : 'sync'
  await place.db.deleteFrom('run').where('pipeline_id', '=', pipelineId).where('kind', '=', 'sync').execute()
  return await insertRun(place.db, pipelineId, { local_hour: localHour, hours, kind })
}

/** The store knows whether the folder's hours have grown since it was finished. */
async function expectLook({ world, projectId, commits }: Late, target: Target): Promise<void> {
  const { localHour: fromHour, hours, pipelineId } = target
  const toHour = (fromHour + hours) as LocalHour
  const { seen_commit: seen } = await place.db
    .selectFrom('folder')
    .select('seen_commit')
    .where('pipeline_id', '=', pipelineId)
    .executeTakeFirstOrThrow()
  const isInside = ({ properties }: TestEvent) =>
    properties.time >= fromHour * 3600 && properties.time < toHour * 3600
  const grown = await world.store.newerThan(projectId, [{ fromHour, toHour, seen }])
  // Members that were merged may show more than there is.
  if (commits.slice(seen).some((events) => events.some(isInside))) expect(grown).toEqual([0])
}

/** Finishes what is open and syncs once more: then everything is there. */
async function settle(late: Late, target: Target): Promise<void> {
  await work(late, target)
  expect(target.open).toBeUndefined()
  await work(late, target)
  expectFolder(late, target, late.commits.length)
}

function expectFolder(late: Late, target: Target, upTo: number): void {
  const { bucket } = late.world
  expect(bucket.objects.has(`${target.key}complete`)).toBe(true)
  expect(bucket.lines(target.key).sort()).toEqual(expected(late, target, upTo))
}

/** `complete` means: everything up to a snapshot, and nothing else. */
async function expectHonest(late: Late, target: Target): Promise<void> {
  if (!late.world.bucket.objects.has(`${target.key}complete`)) return
  const known = await place.db
    .selectFrom('folder')
    .select('seen_commit')
    .where('pipeline_id', '=', target.pipelineId)
    .executeTakeFirst()
  const open = target.open === undefined ? undefined : await readRun(place.db, target.open)
  const snapshots = [known?.seen_commit, open?.snapshot_commit].filter((commit) => typeof commit === 'number')
  const found = late.world.bucket.lines(target.key).sort()
  const matching = snapshots.filter((commit) => isSame(found, expected(late, target, commit)))
  if (matching.length === 0) expect(found).toEqual(expected(late, target, snapshots[0] ?? 0))
}

function isSame(left: string[], right: string[]): boolean {
  return left.length === right.length && left.every((line, index) => line === right[index])
}

const event: fc.Arbitrary<TestEvent> = fc.record({
  event: fc.constantFrom(...names),
  properties: fc.record({
    time: fc.integer({ min: 0, max: 7 }).map((place) => daySeconds + place * 2 * 3600),
    distinct_id: fc.constantFrom('ann', 'bob'),
    $insert_id: fc.constantFrom('i-1', 'i-2', 'i-3'),
    payload: fc.string({ maxLength: 40 }),
  }),
})
const step = fc.oneof(
  { weight: 4, arbitrary: fc.array(event, { minLength: 1, maxLength: 40 }).map((events) => ({ events })) },
  {
    weight: 2,
    arbitrary: fc.record({
      mergeBytesMax: fc.constantFrom(1, 3000, 1_000_000),
      fanIn: fc.integer({ min: 2, max: 4 }),
    }),
  },
  { weight: 4, arbitrary: fc.record({ target: fc.integer({ min: 0, max: 2 }) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      target: fc.integer({ min: 0, max: 2 }),
      strike: fc.record({ at: fc.nat(9), when: fc.constantFrom('before' as const, 'after' as const) }),
    }),
  },
)

const bare = (event: string, user: string, id: string, hour: number): TestEvent => ({
  event,
  properties: { time: daySeconds + hour * 3600, distinct_id: user, $insert_id: id, payload: '' },
})
const [noon, midnight] = [bare('Signed Up', 'ann', 'i-3', 12), bare('Signed Up', 'ann', 'i-1', 0)]
/** Once lost an event: two older lines of it collided with a late line of another, after their member was merged. */
const olderLinesCollide = [
  { events: [noon, noon, midnight] },
  { target: 0 },
  { mergeBytesMax: 1 as const, fanIn: 2 },
  { events: [midnight] },
  { target: 0 },
  { events: [midnight] },
  { events: [bare('a"quoted\\name', 'bob', 'i-3', 2), midnight] },
]

test('a folder ends with each event once, the newest of its duplicates, however it came to it', {
  timeout: 300_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 4, maxLength: 24 }),
      fc.boolean(),
      async (steps, weakHash) => {
        const late = await startLate()
        for (const each of steps) {
          if ('events' in each) {
            await append(late, each.events, weakHash)
            continue
          }
          if ('fanIn' in each) {
            await late.world.compact(each)
            continue
          }
          const target = late.targets[each.target] as Target
          await work(late, target, 'strike' in each ? each.strike : undefined)
          for (const looked of late.targets) await expectHonest(late, looked)
        }
        for (const target of late.targets) await settle(late, target)
      },
    ),
    { numRuns: 30, examples: [[olderLinesCollide, true]] },
  )
})
