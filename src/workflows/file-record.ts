/** What the control plane keeps of the files of a folder. */
import { hash } from 'node:crypto'
import type { FolderContents, FolderFile } from '../control/folders/folder-contents.ts'
import type { CutFile } from '../data/export/export-file.ts'
import type { ExportStep } from '../data/plan/export-plan.ts'
import { type FileMember, packFileMembers } from '../data/plan/file-members.ts'

/** What the bytes of a file don't tell. */
export type KnownOfFile = Pick<FolderFile, 'members' | 'afterCommit' | 'upToCommit'>

export interface FileRecord {
  /** Of the files that have passed so far. */
  files: FolderFile[]
  passing(files: AsyncIterable<CutFile>): AsyncGenerator<CutFile>
}

export function createFileRecord(knownOf: (file: CutFile) => KnownOfFile): FileRecord {
  const kept: FolderFile[] = []
  return {
    files: kept,
    passing: async function* (files) {
      for await (const file of files) {
        const { ordinal, name, lengthBytes, crc32, eventCount: events } = file
        kept.push({ ...knownOf(file), ...(await file.span()), ordinal, name, lengthBytes, crc32, events })
        yield file
      }
    },
  }
}

/** Which members went into a file of these steps. */
export function madeOf(steps: readonly ExportStep[]): Uint8Array {
  return packFileMembers(steps.map(fileMember))
}

function fileMember(step: ExportStep): FileMember {
  const { segmentId, ordinal } = step.member
  const leftOut = step.kind === 'rewrite' ? step.losing : undefined
  return { segmentId, ordinal, ...(leftOut === undefined ? {} : { leftOut }) }
}

/** Tells whether a pipeline still selects what it did when a folder was written. */
export function selectionHash({ eventNames, where }: Selection): Uint8Array {
  const names = eventNames === null ? null : [...new Set(eventNames)].sort()
  // Without an expression the text is what it was before there were any.
  return hash('sha256', JSON.stringify({ names, ...(where === null ? {} : { where }) }), 'buffer')
}

/** Whether the pipeline still selects what it did when the folder was written. */
export function isSelectedAsThen(selection: Selection, contents: Pick<FolderContents, 'selection'>): boolean {
  return Buffer.from(selectionHash(selection)).equals(contents.selection)
}

interface Selection {
  eventNames: readonly string[] | null
  where: string | null
}
