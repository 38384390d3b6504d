/** Thread task: the dedup keys of a member's candidates, in the place of their identities. */
import { dedupKeyBytes } from '../ingest/dedup-key.ts'
import { releaseBytes } from '../release-bytes.ts'
import { dedupRecordBytes } from '../store/segment-format.ts'
import type { BucketRows } from './buckets.ts'
import { type AskedLines, rowsOf } from './read-identities.ts'

export interface ReadCandidateKeysInput extends AskedLines {
  /** All of the member's dedup records. */
  records: Uint8Array<ArrayBuffer>
}

export function readCandidateKeys({ records, ...asked }: ReadCandidateKeysInput): BucketRows {
  const { buffer, byteOffset, length } = records
  const bytes = Buffer.from(buffer, byteOffset, length)
  const places = new Uint32Array(length / dedupRecordBytes)
  for (let at = 0; at < length; at += dedupRecordBytes) places[bytes.readUInt32LE(at + dedupKeyBytes)] = at
  const rows = rowsOf(asked, (line) => {
    const at = places[line] as number
    return bytes.toString('latin1', at, at + dedupKeyBytes)
  })
  releaseBytes(records)
  return rows
}
