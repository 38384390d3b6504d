/** Collects checked events into the columns of an EventBatch, their lines in one growing buffer. */
import { dedupKeyBytes } from './dedup-key.ts'
import type { EventBatch } from './event-batch.ts'

/** An EventBatch before its project is known. */
export type BatchColumns = Omit<EventBatch, 'projectId' | 'timeZone'>

export interface BatchBuilder {
  add(name: string, timeMs: number, line: string, key: Uint8Array): void
  finish(): BatchColumns
}

/** UTF-8 spells a UTF-16 unit in at most three bytes. */
const bytesPerUnitMax = 3

export function createBatchBuilder(linesBytesExpected: number): BatchBuilder {
  let lines = Buffer.from(new ArrayBuffer(Math.max(linesBytesExpected, 1024)))
  let length = 0
  const lineEnds: number[] = []
  const timesMs: number[] = []
  const nameIndexes: number[] = []
  const keys: Uint8Array[] = []
  const names = new Map<string, number>()

  const reserve = (line: string): void => {
    if (lines.length - length >= line.length * bytesPerUnitMax) return
    const needed = length + Buffer.byteLength(line)
    if (needed <= lines.length) return
    const grown = Buffer.from(new ArrayBuffer(Math.max(needed, lines.length * 2)))
    lines.copy(grown, 0, 0, length)
    lines = grown
  }

  return {
    add: (name, timeMs, line, key) => {
      reserve(line)
      length += lines.write(line, length)
      lineEnds.push(length)
      timesMs.push(timeMs)
      nameIndexes.push(indexOf(names, name))
      keys.push(key)
    },
    finish: () => ({
      count: lineEnds.length,
      lines: new Uint8Array(lines.buffer, 0, length),
      lineEnds: Uint32Array.from(lineEnds),
      timesMs: Float64Array.from(timesMs),
      names: [...names.keys()],
      nameIndexes: Uint16Array.from(nameIndexes),
      dedupKeys: joinKeys(keys),
    }),
  }
}

function indexOf(names: Map<string, number>, name: string): number {
  const known = names.get(name)
  if (known !== undefined) return known
  names.set(name, names.size)
  return names.size - 1
}

function joinKeys(keys: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(keys.length * dedupKeyBytes)
  for (const [index, key] of keys.entries()) joined.set(key, index * dedupKeyBytes)
  return joined
}

/** Buffers that move with the columns from thread to thread. */
export function buffersOf(columns: BatchColumns): ArrayBuffer[] {
  return [
    columns.lines.buffer,
    columns.lineEnds.buffer,
    columns.timesMs.buffer,
    columns.nameIndexes.buffer,
    columns.dedupKeys.buffer,
  ]
}
