import type { FaultBook } from './faults.ts'
import type { RequestLog } from './request-log.ts'
import type { MultipartUploads } from './s3/multipart-uploads.ts'
import type { ObjectStore } from './s3/object-store.ts'
import type { SessionIssuer } from './sts/session-issuer.ts'
import type { LiveWorld } from './world.ts'

/** Everything that requests share. */
export interface SandboxState {
  readonly world: LiveWorld
  readonly sessions: SessionIssuer
  readonly objects: ObjectStore
  readonly uploads: MultipartUploads
  readonly faults: FaultBook
  readonly requests: RequestLog
  readonly nowMs: () => number
}
