import type { ExportStep } from '../plan/export-plan.ts'
import { releaseBytes } from '../release-bytes.ts'
import type { Spool } from '../spool.ts'
import type { Piece } from './piece.ts'
import type { RewrittenMember } from './rewrite-members.ts'

/** What stays in memory until the file is uploaded are numbers: the bytes are on the disk, and what held them is used up. */
export async function spoolPiece(
  spool: Spool,
  { gzip, crc32, eventCount }: RewrittenMember,
  steps: readonly ExportStep[],
): Promise<Piece> {
  const lengthBytes = gzip.length
  const offset = await spool.append(gzip)
  releaseBytes(gzip)
  return {
    lengthBytes,
    crc32,
    eventCount,
    steps,
    open: (buffer) => spool.stream(offset, lengthBytes, buffer),
  }
}
