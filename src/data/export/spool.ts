import { randomUUID } from 'node:crypto'
import { mkdir, open, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { PenstockError } from '../../errors/penstock-error.ts'

const chunkBytes = 256 * 1024

/** Disk space for what an export rewrites, so that its memory does not grow with the day. */
export interface Spool {
  /** Keeps the bytes and gives where they stand. */
  append(bytes: Uint8Array): Promise<number>
  stream(offset: number, length: number): AsyncIterable<Uint8Array>
  close(): Promise<void>
}

/** The file has no name from the start on: whatever ends the process, its space comes back. */
export async function openSpool(folder: string): Promise<Spool> {
  await mkdir(folder, { recursive: true })
  const path = join(folder, randomUUID())
  const file = await open(path, 'wx+', 0o600)
  await unlink(path)
  let end = 0
  return {
    append: async (bytes) => {
      const offset = end
      end += bytes.length
      try {
        for (let done = 0; done < bytes.length; ) {
          done += (await file.write(bytes, done, bytes.length - done, offset + done)).bytesWritten
        }
      } catch (cause) {
        throw new PenstockError(
          'outside',
          'SPOOL_WRITE_FAILED',
          "the spool of an export can't be written: free space on the disk of PENSTOCK_DATA_DIR; the run is tried again",
          { cause, retryable: true },
        )
      }
      return offset
    },
    stream: async function* (offset, length) {
      for (let done = 0; done < length; ) {
        const chunk = new Uint8Array(Math.min(chunkBytes, length - done))
        const { bytesRead } = await file.read(chunk, 0, chunk.length, offset + done)
        if (bytesRead === 0) return
        done += bytesRead
        yield chunk.subarray(0, bytesRead)
      }
    },
    close: () => file.close(),
  }
}
