/** Thread task: ranges of many files. A thread may wait for the disk, which spares three turns of the event loop a file. */
import { closeSync, openSync, readSync } from 'node:fs'

export interface FileRanges {
  path: string
  /** Byte offset and length of each range, one after the other. */
  ranges: number[]
}

export interface ReadFileRanges {
  /** The ranges of all files, end to end. */
  bytes: Uint8Array<ArrayBuffer>
  /** The first that could not be read whole; then `bytes` are not all there. */
  failed?: { reason: 'missing' } | { reason: 'short'; readTo: number; wantedTo: number }
}

export function readFileRanges(files: readonly FileRanges[]): ReadFileRanges {
  const bytes = new Uint8Array(files.reduce((sum, { ranges }) => sum + lengthOf(ranges), 0))
  let at = 0
  for (const { path, ranges } of files) {
    const fd = openIfThere(path)
    if (fd === undefined) return { bytes, failed: { reason: 'missing' } }
    try {
      for (let index = 0; index < ranges.length; index += 2) {
        const [from, length] = [ranges[index] as number, ranges[index + 1] as number]
        const read = readRange(fd, bytes.subarray(at, at + length), from)
        if (read < length)
          return { bytes, failed: { reason: 'short', readTo: from + read, wantedTo: from + length } }
        at += length
      }
    } finally {
      closeSync(fd)
    }
  }
  return { bytes }
}

function lengthOf(ranges: readonly number[]): number {
  return ranges.reduce((sum, value, index) => sum + (index % 2) * value, 0)
}

function openIfThere(path: string): number | undefined {
  try {
    return openSync(path, 'r')
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw cause
  }
}

function readRange(fd: number, target: Uint8Array, from: number): number {
  let done = 0
  while (done < target.length) {
    const read = readSync(fd, target, done, target.length - done, from + done)
    if (read === 0) break
    done += read
  }
  return done
}
