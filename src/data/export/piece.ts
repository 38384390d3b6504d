import { crc32 } from 'node:zlib'
import { PenstockError } from '../../errors/penstock-error.ts'
import type { ExportStep } from '../plan/export-plan.ts'
import type { Spanned } from './time-span.ts'

/** Bytes of a file that stand together at their source: one or more whole gzip members. */
export interface Piece extends Spanned {
  lengthBytes: number
  crc32: number
  eventCount: number
  /** What of the plan it was made of. */
  steps: readonly ExportStep[]
  /**
   * In chunks that fit into `buffer`, each good until the next one is asked for. Whoever opens it reads it to its end or
   * returns it; of several that are open at once with the same buffer, one is read at a time.
   */
  open(buffer: Uint8Array): AsyncIterable<Uint8Array>
}

/**
 * The piece's bytes, as it was opened, checked as they pass: a file whose bytes are not the ones that ingest wrote is never finished,
 * also where the destination verifies nothing.
 * @throws PenstockError `STORE_MEMBER_CORRUPT` in place of the last chunk.
 */
export async function* readPiece(
  piece: Pick<Piece, 'lengthBytes' | 'crc32'>,
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  let sum = 0
  let length = 0
  for await (const chunk of chunks) {
    sum = crc32(chunk, sum)
    length += chunk.length
    if (length >= piece.lengthBytes) check(piece, sum, length)
    yield chunk
  }
  if (length < piece.lengthBytes) check(piece, sum, length)
}

function check(piece: Pick<Piece, 'lengthBytes' | 'crc32'>, sum: number, length: number): void {
  if (sum === piece.crc32 && length === piece.lengthBytes) return
  throw new PenstockError(
    'invariant',
    'STORE_MEMBER_CORRUPT',
    `a stored member is damaged: checksum ${hex(sum)} and ${length} bytes, written with ${hex(piece.crc32)} and ${piece.lengthBytes}. \`penstock store check\` names its segment; restore that from a back-up.`,
  )
}

function hex(checksum: number): string {
  return checksum.toString(16).padStart(8, '0')
}
