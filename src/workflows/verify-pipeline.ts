/** Verifies the folders of a pipeline, one after the other. */
import type { Kysely } from 'kysely'
import type { Database } from '../control/db/tables.ts'
import { type ListedFolder, listFolders } from '../control/folders/list-folders.ts'
import { readFolder } from '../control/folders/read-folder.ts'
import type { VerifiablePipeline } from '../control/pipelines/find-verifiable-pipeline.ts'
import type { Destinations } from '../data/deliver/destination.ts'
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
}

/** One by one, as they are verified. Folders that a run waits for or works on are named and left alone. */
export async function* verifyPipeline(
  deps: VerifyDeps,
  pipeline: VerifiablePipeline,
  hours: { fromHour: LocalHour; toHour: LocalHour },
  signal: AbortSignal,
): AsyncGenerator<VerifiedFolder> {
  const { destination, project } = pipeline
  const bucket = deps.destinations.open(
    destinationTarget(destination, {
      projectId: project.id,
      externalId: project.token,
      purpose: pipeline.name,
    }),
  )
  for (const listed of await listFolders(deps.db, pipeline.id, hours)) {
    const folder = folderKey(destination.prefix, project.id, listed)
    const known = await readFolder(deps.db, { pipelineId: pipeline.id, localHour: listed.localHour })
    if (listed.state !== 'finished' || known?.contents === undefined) {
      yield { folder, state: listed.state, files: 0, events: 0, differences: unverifiable(folder, listed) }
      continue
    }
    const { contents } = known
    const work = { projectId: project.id, prefix: destination.prefix, window: listed, contents, signal }
    const { events: eventNames, where } = pipeline
    const differences = await verifyFolder(deps, { ...work, eventNames, where, destination: bucket })
    yield {
      folder,
      state: listed.state,
      files: contents.files.length,
      events: eventsOf(contents),
      differences,
    }
  }
}

function unverifiable(folder: string, { state }: ListedFolder): FolderDifference[] {
  if (state === 'pending') return []
  const found =
    state === 'failed'
      ? 'its run has failed; `pipeline show` says why'
      : 'it was exported by a version that kept no record; it can be exported anew'
  return [{ kind: 'not delivered', key: folder, found }]
}
