import type { RunInThread } from '../../threads/pool.ts'
import type { ExportStep } from '../plan/export-plan.ts'
import { releaseBytes } from '../release-bytes.ts'
import type { Spool } from '../spool.ts'
import type { Piece } from './piece.ts'
import type { RewrittenMember } from './rewrite-members.ts'
import type { TimeSpan } from './time-span.ts'

export interface SpoolPieceDeps {
  spool: Spool
  run: RunInThread
}

export interface KnownOfPiece {
  steps: readonly ExportStep[]
  bounds: TimeSpan
  /** There are events at the bounds. */
  isMeasured: boolean
}

/** What stays in memory until the file is uploaded are numbers: the bytes are on the disk, and what held them is used up. */
export async function spoolPiece(
  { spool, run }: SpoolPieceDeps,
  { gzip, crc32, eventCount }: RewrittenMember,
  { steps, bounds, isMeasured }: KnownOfPiece,
): Promise<Piece> {
  const lengthBytes = gzip.length
  const offset = await spool.append(gzip)
  releaseBytes(gzip)
  const measureSpan = async (): Promise<TimeSpan> => {
    const read = await spool.read(offset, lengthBytes)
    return await run<{ gzip: Uint8Array<ArrayBuffer> }, TimeSpan>('spanOfMember', { gzip: read }, [
      read.buffer,
    ])
  }
  return {
    lengthBytes,
    crc32,
    eventCount,
    steps,
    bounds,
    ...(isMeasured ? {} : { measureSpan }),
    open: (buffer) => spool.stream(offset, lengthBytes, buffer),
  }
}
