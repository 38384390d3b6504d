import { eventProblem, type FailedRecord } from '../../data/ingest/event-problem.ts'
import type { IngestDeps, IngestProject } from './ingest-deps.ts'

/** Records of one request that name the same token. */
interface TokenRecords {
  token: string
  /** Their places in the request. */
  indexes: number[]
}

/** Records, and the project that their token belongs to. */
export interface Owned<Group extends TokenRecords> {
  group: Group
  project: IngestProject
}

export async function findOwners<Group extends TokenRecords>(
  projects: IngestDeps['projects'],
  groups: Group[],
): Promise<{ known: Owned<Group>[]; unknown: Group[] }> {
  const owners = await Promise.all(groups.map(({ token }) => projects.byToken(token)))
  const known: Owned<Group>[] = []
  const unknown: Group[] = []
  for (const [index, group] of groups.entries()) {
    const project = owners[index]
    if (project === undefined) unknown.push(group)
    else known.push({ group, project })
  }
  return { known, unknown }
}

/** @param field where the token stands in a record */
export function unknownToken(field: string, { indexes }: TokenRecords): FailedRecord[] {
  const { message } = eventProblem(field, 'must be the token of a project here')
  return indexes.map((index) => ({ index, $insert_id: '', field, message }))
}
