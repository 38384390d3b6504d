/** Verifies the folders of a pipeline, one after the other. */
import type { Kysely } from 'kysely'
import type { Database } from '../control/db/tables.ts'
import { type ListedFolder, listFolders } from '../control/folders/list-folders.ts'
import { readFolder } from '../control/folders/read-folder.ts'
import type { VerifiablePipeline } from '../control/pipelines/find-verifiable-pipeline.ts'
import { isDataFile } from '../data/deliver/deliver-folder.ts'
import type { Destination, Destinations } from '../data/deliver/destination.ts'
import { folderKey } from '../data/plan/folder-key.ts'
import type { LocalHour } from '../ids.ts'
import { destinationTarget } from './destination-target.ts'
import type { ExportFolderDeps } from './export-folder.ts'
import { eventsOf, type FolderDifference, verifyFolder } from './verify-folder.ts'

export interface VerifyDeps extends Omit<ExportFolderDeps, 'uploadsMax'> {
  db: Kysely<Database>
  destinations: Destinations
}

export interface VerifiedFolder {
  /** Its key in the bucket. */
  folder: string
  state: ListedFolder['state']
  files: number
  events: number
  differences: FolderDifference[]
  /** With a repair: what was found before, and is no more. */
  repaired?: FolderDifference[]
  /** Why the folder could not be exported again. */
  unrepaired?: string
}

export interface Verification {
  pipeline: VerifiablePipeline
  hours: { fromHour: LocalHour; toHour: LocalHour }
  /** Exports a folder again; gives what keeps it from that. Without it nothing is changed. */
  repair?: (localHour: LocalHour) => Promise<string | undefined>
  signal: AbortSignal
}

/** One by one, as they are verified. Folders that a run waits for or works on are named and left alone. */
export async function* verifyPipeline(
  deps: VerifyDeps,
  verification: Verification,
): AsyncGenerator<VerifiedFolder> {
  const { pipeline, hours } = verification
  const { destination, project } = pipeline
  const bucket = deps.destinations.open(
    destinationTarget(destination, {
      projectId: project.id,
      externalId: project.token,
      purpose: pipeline.name,
    }),
  )
  for (const listed of await listFolders(deps.db, pipeline.id, hours)) {
    const found = await verifyListed(deps, verification, bucket, listed)
    yield await repaired(deps, verification, bucket, listed, found)
  }
}

/** The folder as it is after its repair, where it needs one that may help. */
async function repaired(
  deps: VerifyDeps,
  verification: Verification,
  bucket: Destination,
  { localHour }: ListedFolder,
  before: VerifiedFolder,
): Promise<VerifiedFolder> {
  const { repair, pipeline } = verification
  if (repair === undefined || before.differences.every(isForeign)) return before
  const unrepaired = await repair(localHour)
  if (unrepaired !== undefined) return { ...before, unrepaired }
  const hours = { fromHour: localHour, toHour: (localHour + 1) as LocalHour }
  const [listed] = await listFolders(deps.db, pipeline.id, hours)
  if (listed === undefined) return before
  const after = await verifyListed(deps, verification, bucket, listed)
  const remains = new Set(after.differences.map(({ kind, key }) => `${kind} ${key}`))
  const gone = before.differences.filter(({ kind, key }) => !remains.has(`${kind} ${key}`))
  return { ...after, repaired: gone }
}

/** What an export leaves alone: an object that no reader takes for exported events. It may be the customer's own. */
function isForeign({ kind, key }: FolderDifference): boolean {
  return kind === 'stray object' && !isDataFile(key)
}

async function verifyListed(
  deps: VerifyDeps,
  { pipeline, signal }: Verification,
  bucket: Destination,
  listed: ListedFolder,
): Promise<VerifiedFolder> {
  const { destination, project } = pipeline
  const { state } = listed
  const folder = folderKey(destination.prefix, project.id, listed)
  const known = await readFolder(deps.db, { pipelineId: pipeline.id, localHour: listed.localHour })
  if (state !== 'finished' || known?.contents === undefined) {
    return { folder, state, files: 0, events: 0, differences: unverifiable(folder, listed) }
  }
  const { contents } = known
  const work = { projectId: project.id, prefix: destination.prefix, window: listed, contents, signal }
  const { events: eventNames, where } = pipeline
  const { timeZone } = project
  const subject = {
    pipeline: pipeline.name,
    projectId: project.id,
    timeZone,
    prefix: destination.prefix,
    window: listed,
  }
  const manifest = pipeline.manifest ? subject : undefined
  const differences = await verifyFolder(deps, { ...work, eventNames, where, manifest, destination: bucket })
  return { folder, state, files: contents.files.length, events: eventsOf(contents), differences }
}

function unverifiable(folder: string, { state }: ListedFolder): FolderDifference[] {
  if (state === 'pending') return []
  const found =
    state === 'failed'
      ? 'its run has failed; `pipeline show` says why'
      : 'it was exported by a version that kept no record; it can be exported anew'
  return [{ kind: 'not delivered', key: folder, found }]
}
