/**
 * Which members went into an exported file, packed: a day of thousands of members takes a few kilobytes.
 *
 *   1 byte      version
 *   deflated    varints: how many members; per member its hour less the folder's first (zigzag), its commit less that of
 *               the one before (zigzag), its ordinal, and the bytes of its bits of lines left out, which follow; none
 *               where all stayed
 */
import { deflateRawSync, inflateRawSync } from 'node:zlib'
import { PenstockError } from '../../errors/penstock-error.ts'
import type { CommitNumber, LocalHour } from '../../ids.ts'

/** A member by its place in the index, and what of it is not in the file for another reason than the selection. */
export interface FileMember {
  localHour: LocalHour
  commitNumber: CommitNumber
  ordinal: number
  /** Bit `i & 7` of byte `i >> 3` is set where line `i` was left out; undefined: none was. */
  leftOut?: Uint8Array<ArrayBuffer>
}

const version = 2

/** @param firstHour of the folder */
export function packFileMembers(firstHour: LocalHour, members: readonly FileMember[]): Uint8Array {
  const bytes: number[] = []
  writeVarint(bytes, members.length)
  let before = 0
  for (const { localHour, commitNumber, ordinal, leftOut } of members) {
    writeVarint(bytes, zigzag(localHour - firstHour))
    writeVarint(bytes, zigzag(commitNumber - before))
    writeVarint(bytes, ordinal)
    writeVarint(bytes, leftOut?.length ?? 0)
    if (leftOut !== undefined) for (const byte of leftOut) bytes.push(byte)
    before = commitNumber
  }
  return Buffer.concat([Uint8Array.of(version), deflateRawSync(Uint8Array.from(bytes))])
}

/** @throws PenstockError `FOLDER_RECORD_UNREADABLE` for anything that `packFileMembers` has not made. */
export function unpackFileMembers(firstHour: LocalHour, packed: Uint8Array): FileMember[] {
  if (packed[0] !== version) throw unreadable(`version ${packed[0]}`)
  const reader = { bytes: inflate(packed.subarray(1)), at: 0 }
  const members: FileMember[] = []
  let before = 0
  for (let count = readVarint(reader); count > 0; count--) {
    const localHour = (firstHour + unzigzag(readVarint(reader))) as LocalHour
    const commitNumber = (before + unzigzag(readVarint(reader))) as CommitNumber
    const ordinal = readVarint(reader)
    const leftOut = readBytes(reader, readVarint(reader))
    members.push({ localHour, commitNumber, ordinal, ...(leftOut.length > 0 ? { leftOut } : {}) })
    before = commitNumber
  }
  return members
}

interface Reader {
  bytes: Uint8Array
  at: number
}

/** Seven bits a byte, the low ones first; of numbers up to 2^53. */
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

function readBytes(reader: Reader, length: number): Uint8Array<ArrayBuffer> {
  const end = reader.at + length
  if (end > reader.bytes.length) throw unreadable('an end before its last bits')
  const bytes = Uint8Array.from(reader.bytes.subarray(reader.at, end))
  reader.at = end
  return bytes
}

/** Small numbers of either sign as small positive ones. */
function zigzag(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value
}

function unzigzag(value: number): number {
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2
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
