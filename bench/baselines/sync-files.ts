/** The least that makes bytes durable: each into a file of its own that is synced. */
import { mkdtemp, open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

export interface SyncedFiles {
  /** A folder on the disk in question. */
  folder: string
  bytes: number
  count: number
  perSecond: number
}

/** @returns for each file, the seconds that writing and syncing it took */
export async function syncFiles({ folder, bytes, count, perSecond }: SyncedFiles): Promise<number[]> {
  const scratch = await mkdtemp(join(folder, 'synced-'))
  const content = new Uint8Array(bytes).fill(1)
  const seconds: number[] = []
  try {
    for (let index = 0; index < count; index++) {
      const file = await open(join(scratch, String(index)), 'wx')
      const startedMs = performance.now()
      await file.write(content)
      await file.sync()
      const tookMs = performance.now() - startedMs
      seconds.push(tookMs / 1000)
      await file.close()
      await sleep(Math.max(0, 1000 / perSecond - tookMs))
    }
    return seconds
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}
