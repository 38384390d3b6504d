/**
 * The identity of a candidate as a row of bytes, little-endian:
 *
 *   u32   location of the line
 *   f64   commit that it came with
 *   u32   rank of its member
 *   u32   length of what follows
 *   u32   group
 *   …     identity, in UTF-8
 */
import type { CommitNumber } from '../../ids.ts'

const locationAt = 0
const commitAt = 4
const rankAt = 12
const lengthAt = 16
const groupAt = 20
const identityAt = 24

export interface IdentityRow {
  location: number
  commit: CommitNumber
  rank: number
  group: number
  identity: string
}

/** Bytes of the row of this identity. */
export function rowBytes(identity: string): number {
  return identityAt + Buffer.byteLength(identity)
}

/** @param length as rowBytes says of it */
export function writeRow(
  rows: Buffer,
  at: number,
  { location, commit, rank, group, identity }: IdentityRow,
  length: number,
): void {
  rows.writeUInt32LE(location, at + locationAt)
  rows.writeDoubleLE(commit, at + commitAt)
  rows.writeUInt32LE(rank, at + rankAt)
  rows.writeUInt32LE(length - groupAt, at + lengthAt)
  rows.writeUInt32LE(group, at + groupAt)
  rows.write(identity, at + identityAt)
}

/** `event` is a text that two rows share only where group and identity are the same. */
export type VisitIdentity = (event: string, location: number, commit: number, rank: number) => void

export function eachIdentity(rows: Buffer, visit: VisitIdentity): void {
  for (let at = 0; at < rows.length; ) {
    const end = at + groupAt + rows.readUInt32LE(at + lengthAt)
    visit(
      rows.toString('latin1', at + groupAt, end),
      rows.readUInt32LE(at + locationAt),
      rows.readDoubleLE(at + commitAt),
      rows.readUInt32LE(at + rankAt),
    )
    at = end
  }
}
