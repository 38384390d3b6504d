import { availableParallelism } from 'node:os'
import { Piscina } from 'piscina'
import type { hashLines } from '../check/hash-lines.ts'
import type { makeKeySegment } from '../generator/key-segments.ts'
import type { makePart } from '../generator/make-part.ts'

/** Threads of the bench itself, for what is done outside the timed parts. */
export interface BenchThreads {
  makePart(input: Parameters<typeof makePart>[0]): Promise<ReturnType<typeof makePart>>
  makeKeySegment(input: Parameters<typeof makeKeySegment>[0]): Promise<void>
  hashLines(file: string): ReturnType<typeof hashLines>
  close(): Promise<void>
}

export function createBenchThreads(): BenchThreads {
  const threads = availableParallelism()
  const pool = new Piscina({
    filename: new URL('./worker.ts', import.meta.url).href,
    minThreads: 0,
    maxThreads: threads,
    // A thread that stays would hold memory and take its share of the cores.
    idleTimeout: 1000,
  })
  return {
    makePart: (input) => pool.run(input, { name: 'makePart' }),
    makeKeySegment: (input) => pool.run(input, { name: 'makeKeySegment' }),
    hashLines: (file) => pool.run(file, { name: 'hashLines' }),
    close: () => pool.close(),
  }
}
