/** An import that is stopped, and run again. */
import { PassThrough } from 'node:stream'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestFolder, runImport } from '../../../test/support/import-run.ts'
import { importEvent, startIngestServer } from '../../../test/support/ingest-server.ts'
import { startScriptedServer } from '../../../test/support/scripted-import-server.ts'

let folder: Awaited<ReturnType<typeof createTestFolder>>

beforeAll(async () => {
  folder = await createTestFolder()
})

afterAll(() => folder.remove())

const events = Array.from({ length: 9_000 }, () => importEvent())
const content = events.map((event) => JSON.stringify(event)).join('\n')

test('stopped in the middle and run again, every event is sent with the same $insert_id', async () => {
  const file = await folder.write('events.ndjson', content)
  const stop = new AbortController()
  const server = await startIngestServer({
    // As the store does: what it has under an id already is not kept again, whatever request brings it.
    append: async (batch) => {
      const text = Buffer.from(batch.lines).toString('utf8')
      for (const line of text.trimEnd().split('\n')) kept.add(JSON.parse(line).properties.$insert_id)
      appended += batch.count
      stop.abort()
    },
  })
  const kept = new Set<string>()
  let appended = 0
  const first = await runImport({ files: [file], url: new URL(server.url), stop: stop.signal })
  expect(first.outcome).toBe('stopped')
  // What the store took was told as imported: nothing was cut off.
  expect(first.imported).toBe(appended)
  expect(first.imported).toBeGreaterThan(0)
  expect(first.imported).toBeLessThan(9_000)

  const second = await runImport({ files: [file], url: new URL(server.url) })
  expect(second).toMatchObject({ outcome: 'finished', imported: 9_000, refused: 0 })
  expect(kept).toEqual(new Set(events.map(({ properties }) => properties.$insert_id)))
  await server.close()
})

test('stopped while it waits to try again, it waits no longer and sends nothing more', async () => {
  const file = await folder.write('events.ndjson', content)
  const stop = new AbortController()
  const server = await startScriptedServer(() => ({ status: 503 }))
  const wait = async (): Promise<void> => stop.abort()
  const result = await runImport({ files: [file], url: server.url, parallel: 1, stop: stop.signal }, { wait })
  expect(result).toMatchObject({ outcome: 'stopped', imported: 0, error: undefined })
  expect(server.requests).toHaveLength(1)
  await server.close()
})

test('stopped while standard input has nothing to read, it ends', async () => {
  const stop = new AbortController()
  const server = await startScriptedServer(() => {
    stop.abort()
    return undefined
  })
  const stdin = new PassThrough()
  stdin.write(`${content}\n`)
  const result = await runImport({ files: ['-'], url: server.url, stop: stop.signal }, { stdin })
  expect(result.outcome).toBe('stopped')
  expect(result.imported).toBe(server.requests.flatMap(({ lines }) => lines).length)
  await server.close()
})
