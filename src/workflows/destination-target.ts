import type { PipelineDestination } from '../control/pipelines/pipeline.ts'
import type { DestinationTarget } from '../data/deliver/destination.ts'
import { projectPrefix } from '../data/plan/folder-key.ts'
import type { ProjectId } from '../ids.ts'
import { accountOf } from './account-of.ts'
import { sessionName } from './session-name.ts'

export interface Visit {
  projectId: ProjectId
  /** The project's token. */
  externalId: string
  /** The pipeline's name, or what else the visit is for: CloudTrail shows it. */
  purpose: string
}

/** A pipeline's destination as the data plane knows it: with who comes, and whose bucket it must be. */
export function destinationTarget(
  { bucket, region, prefix, roleArn, encryption, kmsKeyId }: PipelineDestination,
  { projectId, externalId, purpose }: Visit,
): DestinationTarget {
  return {
    ...{ bucket, region, roleArn, encryption, kmsKeyId, externalId },
    keyPrefix: projectPrefix(prefix, projectId),
    sessionName: sessionName(projectId, purpose),
    bucketOwner: accountOf(roleArn),
  }
}
