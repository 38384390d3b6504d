import { extname } from 'node:path'
import { Piscina } from 'piscina'
import { PenstockError } from '../errors/penstock-error.ts'

/** Runs the named task of worker.ts in a thread; `transfer` lists buffers that move instead of being copied. */
export type RunInThread = <Input, Output>(
  task: string,
  input: Input,
  transfer?: ArrayBuffer[],
) => Promise<Output>

const idleMs = 5000
/** What a thread works on are buffers, which lie outside its heap; without a bound the part for new objects takes 48 MB. */
const newObjectsMbMax = 16

export interface ThreadPool {
  run: RunInThread
  /** Tasks that wait for a thread. */
  queued(): number
  close(): Promise<void>
}

/**
 * One pool for what somebody waits for: more threads than cores would only make everybody wait. What runs in the
 * background has a pool of one thread of its own, which is there only while it works.
 */
export function createThreadPool(threads: number, { background = false } = {}): ThreadPool {
  const worker = new URL(`./worker${extname(import.meta.filename)}`, import.meta.url)
  const pool = new Piscina({
    filename: worker.href,
    minThreads: background ? 0 : threads,
    idleTimeout: background ? idleMs : 0,
    maxThreads: threads,
    maxQueue: 10_000,
    concurrentTasksPerWorker: 1,
    // Else a thread would wait for its next task before it has done what the last one left to be done in a moment: zlib gives
    // back what a body that fails to inflate took only then, so broken bodies would fill the memory.
    atomics: 'disabled',
    resourceLimits: { maxYoungGenerationSizeMb: newObjectsMbMax },
  })
  return {
    run: async (task, input, transfer = []) => {
      try {
        return await pool.run(input, { name: task, transferList: transfer })
      } catch (cause) {
        if (cause instanceof Error && cause.message === 'Task queue is at limit') {
          throw new PenstockError('outside', 'THREADS_BUSY', 'every thread is busy and the queue is full', {
            cause,
            retryable: true,
          })
        }
        throw cause
      }
    },
    queued: () => pool.queueSize,
    close: () => pool.close(),
  }
}
