/**
 * Which lines a `where` that asks for profiles of users is true of. Profiles are looked up outside of the threads, by the ids
 * in the lines, and come in rounds, as many at once as memory may hold.
 */
import type { RunInThread } from '../../threads/pool.ts'
import type { ExportPlan } from '../plan/export-plan.ts'
import { invertLines, joinLines, type LineBits } from '../plan/line-bits.ts'
import type { Member } from '../store/member.ts'
import type { MatchInput, UserIdsInput } from './match-user-lines.ts'
import type { ReadProfiles } from './profile-values.ts'
import type { ReadMember } from './rewrite-members.ts'

interface MatchDeps {
  run: RunInThread
  readProfiles: ReadProfiles
}

/**
 * The same members, with every line left out that the expression is not true of.
 * @param names what the expression asks of profiles
 */
export async function leaveOutUsers(
  { run, readProfiles }: MatchDeps,
  { eventNames, where = '' }: Pick<ExportPlan, 'eventNames' | 'where'>,
  members: readonly (ReadMember & { member: Member })[],
  names: readonly string[],
): Promise<ReadMember[]> {
  const [first] = members
  if (first === undefined) return []
  const read = members.map(({ member: _, ...itself }) => itself)
  const named = eventNames === undefined ? {} : { eventNames }
  const ids = await run<UserIdsInput, string[]>('readUserIds', { members: read, ...named })
  let matching = read.map((): LineBits => new Uint8Array())
  for await (const profiles of readProfiles(first.member.projectId, ids, names)) {
    const found = await run<MatchInput, LineBits[]>('matchUserLines', { members: read, where, profiles })
    matching = matching.map((bits, index) => joinLines(bits, found[index]))
  }
  return read.map((one, index) => ({
    ...one,
    losing: joinLines(
      invertLines(matching[index] ?? new Uint8Array(), members[index]?.member.eventCount ?? 0),
      one.losing,
    ),
  }))
}
