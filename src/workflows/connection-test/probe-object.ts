/** The object that a connection test writes and takes away again: where it stands, and how old one is that stayed. */
import { randomBytes } from 'node:crypto'
import { projectPrefix } from '../../data/plan/folder-key.ts'
import type { ProjectId } from '../../ids.ts'

/** No test takes as long: what is older was left by one that died. */
const leftoverAgeMs = 60 * 60_000

/** `<prefix>/<project id>/_penstock_probe/`: beside the days, so that a role for the prefix reaches it. */
export function probeFolder(prefix: string | null, projectId: ProjectId): string {
  return `${projectPrefix(prefix, projectId)}_penstock_probe/`
}

/** Its time is in its name: a test that finds it knows its age by its own clock. */
export function newProbeKey(folder: string, nowMs: number): string {
  return `${folder}${nowMs}-${randomBytes(8).toString('hex')}`
}

/** Whether a key of the probe folder is one of ours, and of a test that is long over. */
export function isLeftover(key: string, folder: string, nowMs: number): boolean {
  const [, madeAtMs] = /^(\d{13})-[0-9a-f]{16}$/.exec(key.slice(folder.length)) ?? []
  return key.startsWith(folder) && madeAtMs !== undefined && nowMs - Number(madeAtMs) > leftoverAgeMs
}

/** Nothing that anybody could guess, or take for an event. */
export function newProbeContent(): Buffer {
  return Buffer.from(
    `A test of Penstock's connection to this bucket; it is deleted at once. ${randomBytes(32).toString('hex')}\n`,
  )
}
