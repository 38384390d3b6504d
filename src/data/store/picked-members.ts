/** Of members that hold more than was asked for (other hours, other commits), the lines that were. */
import type { LocalHour } from '../../ids.ts'
import type { Member } from './member.ts'
import { type LineCommits, type MemberCommitsDeps, readAllLineCommits } from './member-commits.ts'
import type { CommitRange, HourWindow } from './member-index.ts'

/** Leaves out members none of whose lines were asked for. Reads only of members that a bound of the commits cuts. */
export async function pickLines(
  deps: MemberCommitsDeps,
  members: Member[],
  window: HourWindow,
  commits: CommitRange,
): Promise<Member[]> {
  const picked: Member[] = []
  for (const member of members) {
    const lines = linesOfHours(member, window)
    const isCut = member.firstCommit <= commits.after || member.commitNumber > commits.upTo
    if (!isCut && lines[1] - lines[0] === member.eventCount) {
      picked.push(member)
      continue
    }
    const commitOf = isCut ? await readAllLineCommits(deps, member) : undefined
    const places = placesOf(lines, commitOf, commits)
    if (places.length === member.eventCount) picked.push(member)
    else if (places.length > 0)
      picked.push({
        ...member,
        eventCount: places.length,
        picked: { places, ofLines: member.eventCount },
      })
  }
  return picked
}

/** Lines stand hour by hour, so those of a window are neighbours: from the first up to the second, exclusive. */
function linesOfHours(
  { hourCounts, eventCount }: Member,
  { fromHour, toHour }: HourWindow,
): [number, number] {
  if (hourCounts === null) return [0, eventCount]
  let [start, end] = [0, 0]
  for (let at = 0; at < hourCounts.length; at += 2) {
    const hour = hourCounts[at] as LocalHour
    const count = hourCounts[at + 1] ?? 0
    if (hour < fromHour) start += count
    if (hour < toHour) end += count
  }
  return [start, end]
}

function placesOf(
  [start, end]: [number, number],
  commitOf: LineCommits | undefined,
  { after, upTo }: CommitRange,
): Uint32Array<ArrayBuffer> {
  const places = Uint32Array.from({ length: end - start }, (_, index) => start + index)
  if (commitOf === undefined) return places
  return places.filter((line) => commitOf(line) > after && commitOf(line) <= upTo)
}
