/** From gzip members to event lines, a chunk at a time: nothing is read on before it is wanted. */
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'

const newline = 0x0a

/**
 * The lines of joined gzip members, in chunks of any size.
 * @param stop ends what the source is at, when nobody reads on
 */
export async function* inflateLines(
  members: AsyncGenerator<Uint8Array>,
  stop: () => void,
): AsyncGenerator<Buffer> {
  const first = await members.next()
  // No byte at all is no gzip.
  if (first.done === true) return
  const gunzip = createGunzip()
  const fed = pipeline(Readable.from(copies(first.value, members), { objectMode: false }), gunzip)
  // A source that fails is told by `gunzip`, and one that is stopped has not failed.
  fed.catch(() => undefined)
  try {
    yield* gunzip as AsyncIterable<Buffer>
  } finally {
    stop()
    gunzip.destroy()
    await fed.catch(() => undefined)
    await members.return(undefined)
  }
}

/** A stream keeps what it is given, and the source fills the same memory again. */
async function* copies(first: Uint8Array, rest: AsyncGenerator<Uint8Array>): AsyncGenerator<Buffer> {
  yield Buffer.from(first)
  for await (const chunk of rest) yield Buffer.from(chunk)
}

/** The first `limit` lines. */
export async function* firstLines(chunks: AsyncGenerator<Buffer>, limit: number): AsyncGenerator<Buffer> {
  let left = limit
  for await (const chunk of chunks) {
    const { count, end } = takeLines(chunk, left)
    yield chunk.subarray(0, end)
    left -= count
    if (left === 0) return
  }
}

/** How many lines end in the chunk, up to `max`, and where the last of them does; the chunk's end where there are fewer. */
function takeLines(chunk: Buffer, max: number): { count: number; end: number } {
  let end = 0
  for (let count = 0; count < max; count++) {
    const at = chunk.indexOf(newline, end)
    if (at === -1) return { count, end: chunk.length }
    end = at + 1
  }
  return { count: max, end }
}
