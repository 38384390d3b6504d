/** Members that a merge has nothing to add to: one name, one hour, and enough lines. */
import type { Member } from '../member.ts'
import type { MemberSizes } from '../member-sizes.ts'

function isSettled(
  { rawBytes, hourCounts, eventNames }: Pick<Member, 'rawBytes' | 'hourCounts' | 'eventNames'>,
  { settledBytes }: Pick<MemberSizes, 'settledBytes'>,
): boolean {
  return rawBytes >= settledBytes && hourCounts === null && eventNames?.length === 1
}

/**
 * Settled members can be copied as they are; the rest is opened. What is opened of a segment gets ranks above all of its
 * members, so a settled member that stands after an opened one of the same hour is opened too.
 */
export function splitSettled<Input extends { member: Member }>(
  inputs: Input[],
  sizes: Pick<MemberSizes, 'settledBytes'>,
): { settled: Input[]; rest: Input[] } {
  const settled: Input[] = []
  const rest: Input[] = []
  const opened = new Set<string>()
  for (const input of inputs.toSorted((a, b) => a.member.rank - b.member.rank)) {
    const { segmentId, localHour, eventNames } = input.member
    const name = eventNames?.length === 1 ? eventNames[0] : undefined
    const place = `${segmentId}/${localHour}/${name}`
    if (isSettled(input.member, sizes) && !opened.has(place)) settled.push(input)
    else {
      opened.add(place)
      rest.push(input)
    }
  }
  return { settled, rest }
}
