import type { Readable } from 'node:stream'
import { type Batch, batchBytesMax, createBatchBuilder } from './batch.ts'
import { checkText } from './check-text.ts'
import type { EventText } from './event-text.ts'
import { withFineTime } from './fine-time.ts'
import type { ImportCounts } from './import-counts.ts'
import { openSource } from './open-source.ts'
import { readEvents } from './read-events.ts'
import type { Rejects } from './rejects.ts'
import type { StoredObjects } from './stored-objects.ts'

export interface ReadOptions {
  files: readonly string[]
  stdin: Readable
  objects: StoredObjects
  /** Ends the batches where they are, without an error. */
  signal: AbortSignal
  counts: ImportCounts
  rejects: Rejects
  /** Told of a file that could not be read to its end. The others are read all the same. */
  onBroken(file: string, error: unknown): void
}

/** Reads the files one after the other, no further ahead than it is asked to. What is no event goes to the rejects. */
export async function* readBatches(options: ReadOptions): AsyncGenerator<Batch> {
  const { files, signal, counts, rejects } = options
  const builder = createBatchBuilder()
  for (const file of files) {
    for await (const event of untilBroken(file, options)) {
      if (signal.aborted) return
      counts.events += 1
      const problem = checkText(event)
      if (problem === undefined) {
        const full = builder.add(file, withFineTime(event))
        if (full !== undefined) yield full
      } else {
        counts.refused += 1
        await rejects.add([{ file, line: event.line, error: problem, event: event.text.toString('utf8') }])
      }
    }
  }
  const rest = signal.aborted ? undefined : builder.finish()
  if (rest !== undefined) yield rest
}

async function* untilBroken(file: string, options: ReadOptions): AsyncGenerator<EventText> {
  const { stdin, objects, signal, counts, onBroken } = options
  const onBytes = (count: number): void => {
    counts.bytesRead += count
  }
  try {
    yield* readEvents(openSource(file, { stdin, objects, signal, onBytes }), batchBytesMax)
  } catch (error) {
    if (!signal.aborted) onBroken(file, error)
  }
}
