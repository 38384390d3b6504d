/** Bytes of segments that are files. */
import { type FileHandle, open } from 'node:fs/promises'
import type { SegmentId } from '../../ids.ts'
import type { RunInThread } from '../../threads/pool.ts'
import type { SegmentRange } from './blob-store.ts'
import type { FileRanges, ReadFileRanges } from './read-file-ranges.ts'
import { segmentEnds, segmentMissing } from './segment-errors.ts'

export function readRange(path: string, offset: number, target: Uint8Array): Promise<void> {
  return withFile(openSegment(path), (file) => readExactly(file, target, offset))
}

/** The bytes of each range. */
export async function readRanges(
  path: (id: SegmentId) => string,
  ranges: readonly SegmentRange[],
  run: RunInThread,
): Promise<Uint8Array<ArrayBuffer>[]> {
  const files: FileRanges[] = []
  let last: SegmentId | undefined
  for (const { segmentId, offset, length } of ranges) {
    if (segmentId !== last) files.push({ path: path(segmentId), ranges: [] })
    files.at(-1)?.ranges.push(offset, length)
    last = segmentId
  }
  const { bytes, failed } = await run<FileRanges[], ReadFileRanges>('readFileRanges', files)
  if (failed?.reason === 'missing') throw segmentMissing()
  if (failed !== undefined) throw segmentEnds(failed.readTo, failed.wantedTo)
  let at = 0
  return ranges.map(({ length }) => {
    at += length
    return bytes.subarray(at - length, at)
  })
}

export async function* streamRange(
  path: string,
  offset: number,
  length: number,
  buffer: Uint8Array,
): AsyncGenerator<Uint8Array> {
  const file = await openSegment(path)
  try {
    for (let done = 0; done < length; ) {
      const chunk = buffer.subarray(0, length - done)
      await readExactly(file, chunk, offset + done)
      done += chunk.length
      yield chunk
    }
  } finally {
    await file.close()
  }
}

export async function withFile<Result>(
  opening: Promise<FileHandle>,
  use: (file: FileHandle) => Promise<Result>,
): Promise<Result> {
  const file = await opening
  try {
    return await use(file)
  } finally {
    await file.close()
  }
}

async function readExactly(file: FileHandle, target: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < target.length; ) {
    const { bytesRead } = await file.read(target, done, target.length - done, position + done)
    if (bytesRead === 0) throw segmentEnds(position + done, position + target.length)
    done += bytesRead
  }
}

async function openSegment(path: string): Promise<FileHandle> {
  return await open(path, 'r').catch((cause: NodeJS.ErrnoException) => {
    throw cause.code === 'ENOENT' ? segmentMissing(cause) : cause
  })
}
