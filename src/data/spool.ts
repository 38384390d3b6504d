import { randomUUID } from 'node:crypto'
import { type FileHandle, mkdir, open, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { PenstockError } from '../errors/penstock-error.ts'

/** Disk space for what an export can't keep in memory: what it rewrites, and the keys of a large folder. */
export interface Spool {
  /** For threads that read what was appended. */
  readonly fd: number
  /**
   * Keeps the bytes and gives where they stand.
   * @throws PenstockError `SPOOL_WRITE_FAILED`
   */
  append(bytes: Uint8Array): Promise<number>
  read(offset: number, length: number): Promise<Uint8Array<ArrayBuffer>>
  /** The same in chunks that fit into `buffer`, each good until the next one is asked for. */
  stream(offset: number, length: number, buffer: Uint8Array): AsyncIterable<Uint8Array>
  close(): Promise<void>
}

/**
 * The file has no name from the start on: whatever ends the process, its space comes back.
 * @throws PenstockError `SPOOL_WRITE_FAILED`
 */
export async function openSpool(folder: string): Promise<Spool> {
  const file = await writing(() => openNameless(folder))
  let end = 0
  return {
    fd: file.fd,
    append: async (bytes) => {
      const offset = end
      end += bytes.length
      await writing(() => writeAll(file, bytes, offset))
      return offset
    },
    read: async (offset, length) => {
      const bytes = new Uint8Array(length)
      for (let done = 0; done < length; ) {
        const { bytesRead } = await file.read(bytes, done, length - done, offset + done)
        if (bytesRead === 0) throw new Error(`the spool ends before byte ${offset + length}`)
        done += bytesRead
      }
      return bytes
    },
    stream: async function* (offset, length, buffer) {
      for (let done = 0; done < length; ) {
        const chunk = buffer.subarray(0, length - done)
        const { bytesRead } = await file.read(chunk, 0, chunk.length, offset + done)
        if (bytesRead === 0) return
        done += bytesRead
        yield chunk.subarray(0, bytesRead)
      }
    },
    close: () => file.close(),
  }
}

async function openNameless(folder: string): Promise<FileHandle> {
  await mkdir(folder, { recursive: true })
  const path = join(folder, randomUUID())
  const file = await open(path, 'wx+', 0o600)
  await unlink(path)
  return file
}

async function writeAll(file: FileHandle, bytes: Uint8Array, offset: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    done += (await file.write(bytes, done, bytes.length - done, offset + done)).bytesWritten
  }
}

async function writing<Result>(write: () => Promise<Result>): Promise<Result> {
  try {
    return await write()
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown error'
    throw new PenstockError(
      'outside',
      'SPOOL_WRITE_FAILED',
      `the spool of an export can't be written (${code}): look at the space and the permissions of the disk of PENSTOCK_DATA_DIR; the run is tried again`,
      { cause, retryable: true },
    )
  }
}
