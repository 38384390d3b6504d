/**
 * Which members went into an exported file, packed: a day of thousands of members takes some tens of kilobytes.
 *
 *   1 byte      version
 *   deflated    varints: how many members; per member the length of its segment's id, which follows (0: the segment of
 *               the member before), its ordinal, and the bytes of its bits of lines left out, which follow (0: none)
 */
import { deflateRawSync, inflateRawSync } from 'node:zlib'
import { PenstockError } from '../../errors/penstock-error.ts'
import type { SegmentId } from '../../ids.ts'

/** A member, and what of it is not in the file because of newer lines of the same events. */
export interface FileMember {
  segmentId: SegmentId
  ordinal: number
  /** Bit `i & 7` of byte `i >> 3` is set where line `i` of the member was left out; undefined: none was. */
  leftOut?: Uint8Array<ArrayBuffer>
}

const version = 3

export function packFileMembers(members: readonly FileMember[]): Uint8Array {
  const bytes: number[] = []
  writeVarint(bytes, members.length)
  let before = ''
  for (const { segmentId, ordinal, leftOut } of members) {
    writeBytes(bytes, segmentId === before ? undefined : Buffer.from(segmentId))
    writeVarint(bytes, ordinal)
    writeBytes(bytes, leftOut)
    before = segmentId
  }
  return Buffer.concat([Uint8Array.of(version), deflateRawSync(Uint8Array.from(bytes))])
}

/** @throws PenstockError `FOLDER_RECORD_UNREADABLE` for anything that `packFileMembers` has not made. */
export function unpackFileMembers(packed: Uint8Array): FileMember[] {
  if (packed[0] !== version) throw unreadable(`version ${packed[0]}`)
  const reader = { bytes: inflate(packed.subarray(1)), at: 0 }
  const members: FileMember[] = []
  let segmentId = '' as SegmentId
  for (let count = readVarint(reader); count > 0; count--) {
    const id = readBytes(reader)
    if (id.length > 0) segmentId = Buffer.from(id).toString() as SegmentId
    const ordinal = readVarint(reader)
    const leftOut = readBytes(reader)
    members.push({ segmentId, ordinal, ...(leftOut.length > 0 ? { leftOut } : {}) })
  }
  return members
}

interface Reader {
  bytes: Uint8Array
  at: number
}

function writeBytes(bytes: number[], written: Uint8Array | undefined): void {
  writeVarint(bytes, written?.length ?? 0)
  if (written !== undefined) for (const byte of written) bytes.push(byte)
}

/** Seven bits a byte, the low ones first. */
function writeVarint(bytes: number[], value: number): void {
  let rest = value
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128)
  bytes.push(rest)
}

function readVarint(reader: Reader): number {
  let value = 0
  for (let scale = 1; ; scale *= 128) {
    const byte = reader.bytes[reader.at++]
    if (byte === undefined) throw unreadable('an end before its last number')
    value += (byte % 128) * scale
    if (byte < 128) return value
  }
}

function readBytes(reader: Reader): Uint8Array<ArrayBuffer> {
  const end = readVarint(reader) + reader.at
  if (end > reader.bytes.length) throw unreadable('an end before its last bytes')
  const bytes = Uint8Array.from(reader.bytes.subarray(reader.at, end))
  reader.at = end
  return bytes
}

function inflate(deflated: Uint8Array): Uint8Array {
  try {
    return inflateRawSync(deflated)
  } catch (cause) {
    throw unreadable('bytes that do not inflate', cause)
  }
}

function unreadable(found: string, cause?: unknown): PenstockError {
  return new PenstockError(
    'invariant',
    'FOLDER_RECORD_UNREADABLE',
    `the record of an exported file has ${found}. Restore the table folder_file from a back-up, or delete the folder's row: its next sync writes the folder anew.`,
    { cause },
  )
}
