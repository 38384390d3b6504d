/** Files read from their beginnings to their ends, one after the other, into one piece of memory. */
import { type FileHandle, open } from 'node:fs/promises'
import type { Sample } from '../harness/measure.ts'

export async function readFiles(files: readonly string[], expectedBytes: number): Promise<Sample> {
  const chunk = new Uint8Array(1024 * 1024)
  const cpuBefore = process.cpuUsage()
  const startedMs = performance.now()
  let bytes = 0
  for (const path of files) {
    const file = await open(path)
    bytes += await readToEnd(file, chunk).finally(() => file.close())
  }
  const value = (performance.now() - startedMs) / 1000
  const { user, system } = process.cpuUsage(cpuBefore)
  if (bytes !== expectedBytes) throw new Error(`read ${bytes} bytes of ${expectedBytes}`)
  return { value, cpuSeconds: (user + system) / 1e6 }
}

async function readToEnd(file: FileHandle, chunk: Uint8Array): Promise<number> {
  for (let bytes = 0; ; ) {
    const { bytesRead } = await file.read(chunk)
    if (bytesRead === 0) return bytes
    bytes += bytesRead
  }
}
