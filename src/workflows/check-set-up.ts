/** Looks at what an operator has to provide, and says what is wrong before a pipeline does. */
import { mkdir, statfs } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Config } from '../config/settings.ts'
import type { OpenDatabase } from '../control/db/open-database.ts'
import type { BlobStore } from '../data/store/blob-store.ts'
import { askCallerArn, principalOfCaller } from './own-principal.ts'

export interface CheckedItem {
  item: 'database' | 'event store' | 'free disk' | 'clock' | 'AWS identity'
  ok: boolean
  found: string
}

/** AWS refuses signatures that are more than 15 minutes off; a third of that is the time to act. */
const clockSkewMsMax = 5 * 60_000
const freeBytesMin = 1024 ** 3

/** Opens the database, does something with it, and lets it go. */
type WithDatabase = <Result>(use: (database: OpenDatabase) => Promise<Result>) => Promise<Result>

interface SetUp {
  config: Config
  withDatabase: WithDatabase
  openStore(): Promise<BlobStore>
}

/** Every check is made, whatever the others find. */
export async function checkSetUp({ config, withDatabase, openStore }: SetUp): Promise<CheckedItem[]> {
  const [databaseItems, ...others] = await Promise.all([
    checkDatabase(withDatabase),
    checked('event store', () => storeUsable(openStore)),
    checked('free disk', () => freeDisk(diskFolder(config))),
    checked('AWS identity', () => callerIdentity(config.awsPrincipalArn)),
  ])
  return [...databaseItems, ...others]
}

async function checkDatabase(withDatabase: WithDatabase): Promise<CheckedItem[]> {
  try {
    return await withDatabase(async (database) => [
      await checked('database', () => databaseVersion(database)),
      await checked('clock', () => clockAgainstDatabase(database)),
    ])
  } catch (cause) {
    return [await checked('database', () => Promise.reject(cause))]
  }
}

/** A check says what it found, or throws what is wrong. */
async function checked(item: CheckedItem['item'], look: () => Promise<string>): Promise<CheckedItem> {
  try {
    return { item, ok: true, found: await look() }
  } catch (cause) {
    return { item, ok: false, found: cause instanceof Error ? cause.message : String(cause) }
  }
}

async function databaseVersion({ pool }: OpenDatabase): Promise<string> {
  const { rows } = await pool.query<{ server_version: string }>('show server_version')
  return `PostgreSQL ${rows[0]?.server_version}, schema up to date`
}

async function storeUsable(openStore: SetUp['openStore']): Promise<string> {
  const blobs = await openStore()
  try {
    await blobs.probe()
    return `${blobs.location} can be written`
  } finally {
    blobs.close()
  }
}

/** Of the segments; where they are objects, of what exports spool. */
function diskFolder({ storeUrl, dataDir }: Config): string {
  return storeUrl?.kind === 'files' ? storeUrl.folder : resolve(dataDir)
}

async function freeDisk(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true })
  const { bavail, bsize } = await statfs(folder)
  const gibibytes = (bavail * bsize) / 1024 ** 3
  const found = `${gibibytes.toFixed(1)} GiB free`
  if (bavail * bsize < freeBytesMin)
    throw new Error(`${found}: make room: without it, events are refused and exports wait`)
  return found
}

async function clockAgainstDatabase({ pool }: OpenDatabase): Promise<string> {
  const { rows } = await pool.query<{ now: Date }>('select clock_timestamp() as now')
  const skewMs = Date.now() - (rows[0]?.now.getTime() ?? 0)
  const found = `${Math.round(skewMs / 1000)} s from the database's`
  if (Math.abs(skewMs) > clockSkewMsMax)
    throw new Error(`${found}: set it, AWS refuses signatures from a wrong clock`)
  return found
}

async function callerIdentity(configured: string | undefined): Promise<string> {
  try {
    const caller = await askCallerArn()
    return `${caller}: customers name ${configured ?? principalOfCaller(caller)} in their trust policies`
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : String(cause)
    throw new Error(`none: ${said}. Give this process credentials the way every AWS SDK finds them`)
  }
}
