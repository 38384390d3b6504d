/** Verifies one folder for somebody who waits for it: a bounded number of them at once, whoever asks. */
import { findVerifiablePipelines } from '../control/pipelines/find-verifiable-pipeline.ts'
import { PenstockError } from '../errors/penstock-error.ts'
import type { LocalHour, ProjectId } from '../ids.ts'
import { type VerifiedFolder, type VerifyDeps, verifyPipeline } from './verify-pipeline.ts'

interface NamedFolder {
  projectId: ProjectId
  /** The pipeline's. */
  name: string
  localHour: LocalHour
}

/** Undefined where there is no such pipeline, or nothing of the folder was planned. */
export type VerifyOneFolder = (
  folder: NamedFolder,
  signal: AbortSignal,
) => Promise<VerifiedFolder | undefined>

interface VerificationBounds {
  /** Of one project at once: the others' go on. */
  perProjectMax: number
  inAllMax: number
}

/** One more at once than the bounds allow is refused with `VERIFICATIONS_BUSY`. */
export function boundVerification(
  deps: VerifyDeps,
  { perProjectMax, inAllMax }: VerificationBounds,
): VerifyOneFolder {
  const running: ProjectId[] = []
  return async (folder, signal) => {
    const ofProject = running.filter((each) => each === folder.projectId).length
    if (ofProject >= perProjectMax || running.length >= inAllMax) throw busy()
    running.push(folder.projectId)
    try {
      return await verify(deps, folder, signal)
    } finally {
      running.splice(running.indexOf(folder.projectId), 1)
    }
  }
}

async function verify(
  deps: VerifyDeps,
  { projectId, name, localHour }: NamedFolder,
  signal: AbortSignal,
): Promise<VerifiedFolder | undefined> {
  const [pipeline] = await findVerifiablePipelines(deps.db, name, projectId)
  if (pipeline === undefined) return undefined
  const hours = { fromHour: localHour, toHour: (localHour + 1) as LocalHour }
  for await (const verified of verifyPipeline(deps, { pipeline, hours, signal })) return verified
  return undefined
}

function busy(): PenstockError {
  return new PenstockError(
    'outside',
    'VERIFICATIONS_BUSY',
    'as many folders are being verified as may be at once; try again when they are done',
    { retryable: true },
  )
}
