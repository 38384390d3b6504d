import type { PenstockError } from '../../errors/penstock-error.ts'
import { requestProjectsMax } from './limits.ts'
import { refuseRequest } from './request-refusal.ts'

export function tooManyProjects(): PenstockError {
  return refuseRequest(
    'INGEST_TOO_LARGE',
    `request exceeds max limit of ${requestProjectsMax} different tokens: send each project's events in a request of their own`,
  )
}
