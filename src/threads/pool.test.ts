import { readFileSync } from 'node:fs'
import { platform } from 'node:os'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import type { ImportInput } from '../data/ingest/prepare-import.ts'
import { createThreadPool } from './pool.ts'

/** Of the whole process, its threads included. */
function addressBytes(): number {
  return Number(/VmSize:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) * 1024
}

/** Says of itself that it holds 10 MB, which it does not. */
function brokenBody(): Uint8Array<ArrayBuffer> {
  const body = Uint8Array.from(gzipSync(Buffer.alloc(16 * 1024), { level: 0 }))
  body.set([0, 0, 0xa0, 0], body.length - 4)
  return body
}

// Each reserves ten megabytes: where they were not given back, it would be more than twice what is allowed.
test.skipIf(platform() !== 'linux')(
  'bodies that fail to inflate leave nothing behind',
  {
    timeout: 120_000,
  },
  async () => {
    const threads = createThreadPool(1)
    const prepare = async (): Promise<void> => {
      const body = brokenBody()
      const input: ImportInput = { body, contentEncoding: 'gzip', contentType: undefined, nowMs: 0 }
      const refused = { code: 'INGEST_BODY_INVALID' }
      expect(await threads.run('prepareImport', input, [body.buffer])).toMatchObject({ refused })
    }
    try {
      await prepare()
      const before = addressBytes()
      for (let count = 0; count < 1000; count++) await prepare()
      expect(addressBytes() - before).toBeLessThan(4 * 1024 ** 3)
    } finally {
      await threads.close()
    }
  },
)
