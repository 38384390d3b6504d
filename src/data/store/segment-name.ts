/**
 * How segments are named in a folder or below a prefix: `<first digits of the id>/<id>.segment`. The same in both, so that a
 * store can be copied from one to the other with what copies files. In the order of the names, ids are in order too.
 */
import type { SegmentId } from '../../ids.ts'

export const segmentExtension = '.segment'
// An id begins with its time: seven hex digits of it make a folder per 17 minutes, so no folder grows without bound.
export const folderDigits = 7

export function segmentName(id: SegmentId): string {
  return `${id.slice(0, folderDigits)}/${id}${segmentExtension}`
}

/** Undefined where something else has that name. */
export function parseSegmentName(name: string): SegmentId | undefined {
  const [, folder = '', id] = /^([0-9a-f]+)\/([0-9a-f]+)\.segment$/.exec(name) ?? []
  return folder.length === folderDigits && id?.startsWith(folder) ? (id as SegmentId) : undefined
}
