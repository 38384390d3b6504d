import { PenstockError } from '../../errors/penstock-error.ts'
import type { ProjectId } from '../../ids.ts'

export function projectUnknown(projectId: ProjectId): PenstockError {
  return new PenstockError(
    'caller',
    'PROJECT_UNKNOWN',
    `there is no project ${projectId}; \`penstock project list\` shows those that there are`,
  )
}
