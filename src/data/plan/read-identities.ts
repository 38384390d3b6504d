/** Thread task: the identities of some lines of a member. */
import { lineIdentity } from '../ingest/line-identity.ts'
import { eachLine, openMember } from '../store/open-member.ts'

export interface ReadIdentitiesInput {
  gzip: Uint8Array<ArrayBuffer>
  /** Places of the wanted lines, ascending. */
  lines: Uint32Array
}

/** Identities in the order of `lines`. */
export function readIdentities({ gzip, lines }: ReadIdentitiesInput): string[] {
  const identities: string[] = []
  let place = 0
  for (const line of eachLine(openMember(gzip))) {
    if (identities.length === lines.length) break
    if (place === lines[identities.length]) identities.push(lineIdentity(line))
    place += 1
  }
  return identities
}
