/** Thread task: the hashes of all lines of some gzip files. */
import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { lineHashBytes, writeLineHash } from './line-hash.ts'

const newline = 0x0a
const chunkBytes = 1024 * 1024

/** Of a gzip file of any number of members. */
export async function hashLines(file: string): Promise<Uint8Array> {
  const hashes = createHashes()
  await pipeline(createReadStream(file), createGunzip({ chunkSize: chunkBytes }), async (chunks) => {
    let rest: Uint8Array = new Uint8Array()
    for await (const chunk of chunks as AsyncIterable<Buffer>) {
      rest = hashWholeLines(rest.length === 0 ? chunk : Buffer.concat([rest, chunk]), hashes)
    }
    // A last line without its newline is a line all the same.
    if (rest.length > 0) hashes.add(rest)
  })
  return hashes.bytes()
}

/** Gives back what stands after the last newline. */
function hashWholeLines(bytes: Uint8Array, hashes: Hashes): Uint8Array {
  let start = 0
  for (let end = bytes.indexOf(newline); end !== -1; end = bytes.indexOf(newline, start)) {
    hashes.add(bytes.subarray(start, end))
    start = end + 1
  }
  return bytes.subarray(start)
}

interface Hashes {
  add(line: Uint8Array): void
  bytes(): Uint8Array
}

function createHashes(): Hashes {
  let bytes = new Uint8Array(65_536 * lineHashBytes)
  let count = 0
  return {
    add: (line) => {
      if ((count + 1) * lineHashBytes > bytes.length) {
        const larger = new Uint8Array(bytes.length * 2)
        larger.set(bytes)
        bytes = larger
      }
      writeLineHash(line, bytes, count)
      count += 1
    },
    bytes: () => bytes.slice(0, count * lineHashBytes),
  }
}
