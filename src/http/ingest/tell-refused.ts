/** What the owner of a project learns of what its clients were refused. */
import type { FailedRecord } from '../../data/ingest/event-problem.ts'
import { PenstockError } from '../../errors/penstock-error.ts'
import type { ProjectId } from '../../ids.ts'
import type { IngestDeps } from './ingest-deps.ts'
import { RetryLater } from './retry-later.ts'

type Path = '/import' | '/track'

export function tellFailed(
  { onRefused }: Pick<IngestDeps, 'onRefused'>,
  path: Path,
  projectId: ProjectId,
  failed: readonly FailedRecord[],
): void {
  for (const { field, message } of failed) onRefused?.({ projectId, path, field, message })
}

/** The same answer; where it is a refusal of a whole request, that is told too. */
export async function tellingRefusal<Answer>(
  { onRefused }: Pick<IngestDeps, 'onRefused'>,
  path: Path,
  projectId: ProjectId,
  answer: Promise<Answer>,
): Promise<Answer> {
  try {
    return await answer
  } catch (error) {
    // What is no fault of the request says nothing of the project's clients.
    const isRefusal =
      error instanceof PenstockError && (error.kind === 'caller' || error instanceof RetryLater)
    if (isRefusal) onRefused?.({ projectId, path, field: null, message: error.message })
    throw error
  }
}
