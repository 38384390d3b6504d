import type { Command } from 'commander'
import { systemClock } from '../clock.ts'
import { compactDeps } from '../compose.ts'
import { openBlobStore } from '../compose-store.ts'
import type { Config } from '../config/settings.ts'
import type { OpenDatabase } from '../control/db/open-database.ts'
import type { BlobStore } from '../data/store/blob-store.ts'
import { checkStore } from '../data/store/check-store.ts'
import type { IndexTables } from '../data/store/index-tables.ts'
import { type Compacted, compactStore } from '../data/store/merge/compact-store.ts'
import { removeForgotten } from '../data/store/merge/remove-forgotten.ts'
import { reindexStore } from '../data/store/reindex-store.ts'
import { withAllHeld } from '../data/store/store-hold.ts'
import { PenstockError } from '../errors/penstock-error.ts'
import { createLogger } from '../telemetry/logger.ts'
import { createThreadPool } from '../threads/pool.ts'
import { withControlPlane } from './open-control-plane.ts'
import { type OutputOptions, printResult } from './output.ts'
import { runHere } from './run-here.ts'

export function registerStore(program: Command): void {
  const store = program
    .command('store')
    .description('Check the event store, rebuild its index, or compact it')
  store
    .command('check')
    .description(
      'Read every segment against its checksums and the index against the segments; changes nothing',
    )
    .option('--json', 'print one JSON document')
    .action(check)
  store
    .command('reindex')
    .description('Rebuild the index from the segments: after a lost or restored database')
    .option('--json', 'print one JSON document')
    .action(reindex)
  store
    .command('compact')
    .description('Merge small members now, as far as it helps, and free the space of what was merged')
    .option('--json', 'print one JSON document')
    .action(compact)
  store
    .command('hold')
    .description('Run a command that copies the segments, and remove none of them until it has ended')
    .argument('<command...>', 'the command and its arguments, after --')
    .option('--json', 'print one JSON document at the end; what the command prints goes to standard error')
    .addHelpText(
      'after',
      '\nExample:\n  penstock store hold -- rsync -a /var/lib/penstock/events/ /backup/events/',
    )
    .action(hold)
}

async function withStore<Result>(
  use: (database: OpenDatabase, blobs: BlobStore, config: Config) => Promise<Result>,
): Promise<Result> {
  return await withControlPlane(async (database, config) => {
    const blobs = await openBlobStore(config, createLogger('warn'))
    try {
      return await use(database, blobs, config)
    } finally {
      blobs.close()
    }
  })
}

async function compact(options: OutputOptions): Promise<void> {
  const result = await withStore(compactNow)
  const words = [
    `${result.membersMerged} members became ${result.membersMade} in ${result.merges} merges, ${result.bytesWritten} bytes written`,
    `${result.segmentsRemoved} segments removed, ${result.bytesRemoved} bytes freed`,
  ]
  printResult(options, result, words.join('\n'))
}

async function compactNow({ db }: OpenDatabase, blobs: BlobStore, config: Config): Promise<Compacted> {
  const threads = createThreadPool(1, { background: true })
  try {
    const deps = compactDeps(config, {
      ...{ db: db.withTables<IndexTables>(), blobs, run: threads.run, clock: systemClock },
    })
    // Two segments in an hour are enough to be merged where nobody waits for anything else.
    const pace = async (): Promise<void> => {}
    const { signal } = new AbortController()
    const compacted = await compactStore(
      { ...deps, signal },
      { fanIn: 2, everyHour: true, waits: true, pace },
    )
    const forgotten = await removeForgotten({ ...deps, signal })
    return {
      ...compacted,
      segmentsRemoved: compacted.segmentsRemoved + forgotten.segments,
      bytesRemoved: compacted.bytesRemoved + forgotten.bytes,
    }
  } finally {
    await threads.close()
  }
}

async function hold([file = '', ...args]: string[], options: OutputOptions): Promise<void> {
  const output = options.json ? 'stderr' : 'stdout'
  const { result, lasted } = await withControlPlane(({ db }) =>
    withAllHeld(db.withTables<IndexTables>(), () => runHere(file, args, output)),
  )
  if (!lasted) {
    throw new PenstockError(
      'outside',
      'STORE_HOLD_LOST',
      'the hold on the segments ended before the command did, because the database was away for minutes: the copy may lack segments, make it again',
    )
  }
  if (options.json) printResult(options, { exit_code: result }, '')
  process.exitCode = result
}

async function check(options: OutputOptions): Promise<void> {
  const result = await withStore(({ db }, blobs) => checkStore(db.withTables<IndexTables>(), blobs))
  const problems = result.problems.map(
    ({ segmentId, kind, found }) => `${kind}: segment ${segmentId}: ${found}`,
  )
  const total = `${result.segments} segments, ${result.members} members, ${result.events} events, ${result.bytes} bytes`
  printResult(options, result, [...problems, `${total}: ${problems.length} problems`].join('\n'))
  // A segment that no commit names was never answered with 200: worth knowing, and no damage.
  if (result.problems.some(({ kind }) => kind !== 'unindexed')) process.exitCode = 1
}

async function reindex(options: OutputOptions): Promise<void> {
  const result = await withStore(({ db }, blobs) => reindexStore(db.withTables<IndexTables>(), blobs))
  const words = [
    `${result.added} segments were added, ${result.renewed} were indexed anew`,
    ...result.unfinished.map((id) => `left out: segment ${id} was cut short while it was written`),
    ...result.damaged.map((id) => `left out: segment ${id} is damaged; restore it from a back-up`),
  ]
  printResult(options, result, words.join('\n'))
  if (result.damaged.length > 0) process.exitCode = 1
}
