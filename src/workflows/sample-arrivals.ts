import type { FoundLine, SearchInput } from '../data/export/search-member.ts'
import type { EventStore } from '../data/store/event-store.ts'
import type { Member } from '../data/store/member.ts'
import type { RunInThread } from '../threads/pool.ts'

const linesMax = 20

/** Some lines of members that came in just now, the newest first. */
export async function sampleArrivals(
  { store, run }: { store: EventStore; run: RunInThread },
  members: readonly Member[],
): Promise<string[]> {
  const found = await store.hold(() =>
    Promise.all(
      members.map(async (member) => {
        const gzip = await store.readMember(member)
        const input = { gzip, rawBytes: member.rawBytes, limit: linesMax }
        return await run<SearchInput, FoundLine[]>('searchMember', input, [gzip.buffer])
      }),
    ),
  )
  const lines = found.flat().sort((one, other) => other.timeMs - one.timeMs)
  return lines.slice(0, linesMax).map(({ text }) => text)
}
