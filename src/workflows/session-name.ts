import type { ProjectId } from '../ids.ts'

/** AWS allows 2 to 64 characters of `\w+=,.@-` (AssumeRole, RoleSessionName). */
const lengthMax = 64

/** What CloudTrail of the customer's account shows for each request: project and pipeline. */
export function sessionName(projectId: ProjectId, pipelineName: string): string {
  return `penstock-${projectId}-${pipelineName.replaceAll(/[^\w+=,.@-]/g, '_')}`.slice(0, lengthMax)
}
