/** Thread task: the times and names of a member's events. */
import { eventOfIdentity, lineIdentity } from '../ingest/line-identity.ts'
import { releaseBytes } from '../release-bytes.ts'
import { eachLine, openMember } from '../store/open-member.ts'

export interface ReadLineEventsInput {
  gzip: Uint8Array<ArrayBuffer>
  /** Uncompressed. */
  rawBytes: number
}

export interface LineEvents {
  /** Of each line. */
  timesMs: Float64Array<ArrayBuffer>
  /** Which of the names each line has. */
  nameIndexes: Uint32Array<ArrayBuffer>
  names: string[]
}

export function readLineEvents({ gzip, rawBytes }: ReadLineEventsInput): LineEvents {
  const opened = openMember(gzip, rawBytes)
  const known = new Map<string, number>()
  const timesMs: number[] = []
  const nameIndexes: number[] = []
  for (const line of eachLine(opened)) {
    const { name, timeMs } = eventOfIdentity(lineIdentity(line))
    const index = known.get(name) ?? known.size
    known.set(name, index)
    timesMs.push(timeMs)
    nameIndexes.push(index)
  }
  releaseBytes(gzip, opened)
  return {
    timesMs: Float64Array.from(timesMs),
    nameIndexes: Uint32Array.from(nameIndexes),
    names: [...known.keys()],
  }
}
