/** The events that were refused, each with its place and the reason. */
import { type FileHandle, open } from 'node:fs/promises'
import { rejectsUnwritable } from './import-errors.ts'

export interface Reject {
  file: string
  line: number
  error: { field: string; message: string }
  /** The event's text as it was read. */
  event: string
}

export interface Rejects {
  /** Resolves when they are in the file. */
  add(rejects: Reject[]): Promise<void>
  /** The first few of them. */
  first(): Reject[]
  close(): Promise<void>
}

const firstMax = 5

/** Without a file, the rejects are only counted and the first ones kept. A file from before is replaced. */
export async function openRejects(file: string | undefined): Promise<Rejects> {
  const handle = file === undefined ? undefined : await create(file)
  const first: Reject[] = []
  // One write after the other: requests are answered at the same time, and lines must not mix.
  let written = Promise.resolve()
  const write = async (rejects: Reject[]): Promise<void> => {
    const lines = rejects.map((reject) => `${JSON.stringify(reject)}\n`)
    try {
      await handle?.appendFile(lines.join(''))
    } catch (cause) {
      throw rejectsUnwritable(file ?? '', cause)
    }
  }
  return {
    add: (rejects) => {
      first.push(...rejects.slice(0, firstMax - first.length))
      written = written.then(() => write(rejects))
      return written
    },
    first: () => first,
    close: async () => handle?.close(),
  }
}

async function create(file: string): Promise<FileHandle> {
  try {
    return await open(file, 'w')
  } catch (cause) {
    throw rejectsUnwritable(file, cause)
  }
}
