/** Changes to a stream of bytes on its way, without holding more of it than a piece. */
import { setTimeout as sleep } from 'node:timers/promises'
import { ConnectionCut } from './answer.ts'

/** Passes that many bytes on, then cuts the connection. A stream that is shorter passes whole. */
export async function* cutAfter(source: AsyncIterable<Buffer>, byteCount: number): AsyncGenerator<Buffer> {
  let left = byteCount
  if (left === 0) throw new ConnectionCut('a fault, before the first byte')
  for await (const chunk of source) {
    const piece = chunk.subarray(0, left)
    left -= piece.length
    yield piece
    if (left === 0) throw new ConnectionCut(`a fault, after ${byteCount} bytes`)
  }
}

/** Passes bytes on no faster than that, in pieces of a tenth of a second. */
export async function* slowDown(
  source: AsyncIterable<Buffer>,
  bytesPerSecond: number,
  closed: AbortSignal,
): AsyncGenerator<Buffer> {
  const pieceBytes = Math.max(1, Math.floor(bytesPerSecond / 10))
  for await (const chunk of source) {
    for (let start = 0; start < chunk.length; start += pieceBytes) {
      const piece = chunk.subarray(start, start + pieceBytes)
      await sleep((piece.length / bytesPerSecond) * 1000, undefined, { signal: closed }).catch(() => {
        throw new ConnectionCut('the client left while it was slowed down')
      })
      yield piece
    }
  }
}

/** Reads a stream that must be small; null where it is longer than that. */
export async function readAll(source: AsyncIterable<Buffer>, byteCountMax: number): Promise<Buffer | null> {
  const chunks: Buffer[] = []
  let byteCount = 0
  for await (const chunk of source) {
    byteCount += chunk.length
    if (byteCount > byteCountMax) return null
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
