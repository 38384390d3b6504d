/**
 * The official SDK for Node, unmodified, over HTTPS: every call it has is answered as by the original, and what it has sent
 * is in the customer's bucket, property by property, or in the profiles.
 */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type SdkPlace, startSdkPlace } from '../support/sdk-place.ts'
import { withoutStamp } from '../support/stamped-events.ts'

/** The last quarter of a second of a day. */
const importedAt = `${new Date(Date.now() - 6 * 86_400_000).toISOString().slice(0, 10)}T23:59:59.750Z`

let place: SdkPlace
beforeAll(async () => {
  place = await startSdkPlace(importedAt.slice(0, 10))
}, 60_000)
afterAll(() => place?.close())

async function runSdk(): Promise<Record<string, string | null>> {
  const { url, token, secret, certificateFile } = place
  const script = join(import.meta.dirname, '../support/sdk-node-process.ts')
  const child = spawn(process.execPath, [script, url, token, secret, importedAt], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { PATH: process.env.PATH, NODE_EXTRA_CA_CERTS: certificateFile },
  })
  return JSON.parse(await text(child.stdout))
}

const nodeStamp = { token: expect.any(String), mp_lib: 'node', $lib_version: expect.any(String) }

test('every call is answered, and what it sent is delivered', { timeout: 120_000 }, async () => {
  const answers = await runSdk()
  expect(Object.keys(answers).length).toBeGreaterThan(20)
  expect(Object.entries(answers).filter(([, error]) => error !== null)).toEqual([])

  const events = (await place.exportAll()).map(withoutStamp)
  const named = (name: string) => events.filter(({ event }) => event === name)
  const stamps = { time: expect.any(Number), $insert_id: expect.any(String) }
  const only = (name: string) => {
    expect(named(name)).toHaveLength(1)
    const { mp_event_time_ms: _, ...properties } = named(name)[0]?.properties ?? {}
    return properties
  }
  expect(only('Node tracked')).toEqual({ ...nodeStamp, ...stamps, distinct_id: 'ann', plan: 'team' })
  expect(only('Node tracked verbosely')).toEqual({ ...nodeStamp, ...stamps, distinct_id: 'ann' })
  expect(only('Grüße ☃ 🙈')).toEqual({
    ...nodeStamp,
    ...stamps,
    distinct_id: 'ünï',
    text: '"quoted" \\ \u0000',
    list: [1, { a: [true, null] }],
  })
  expect(only('$create_alias')).toEqual({
    ...nodeStamp,
    ...stamps,
    distinct_id: 'ann',
    alias: 'ann@example.com',
  })
  const importedMs = Date.parse(importedAt)
  const old = { time: Math.floor(importedMs / 1000), mp_event_time_ms: importedMs }
  expect(named('Node imported')).toEqual([
    {
      event: 'Node imported',
      properties: { ...nodeStamp, ...old, $insert_id: expect.any(String), distinct_id: 'ann' },
    },
  ])
  const indexes = (name: string) =>
    named(name)
      .map(({ properties }) => Number(properties.index))
      .sort((a, b) => a - b)
  expect(indexes('Node batched')).toEqual([...Array(120).keys()])
  expect(indexes('Node imported in a batch')).toEqual([...Array(60).keys()])
  expect(events).toHaveLength(1 + 1 + 1 + 1 + 120 + 1 + 60 + 1)

  expect(await place.profiles()).toEqual([
    {
      $distinct_id: 'ann',
      $properties: {
        plan: 'team',
        visits: 2,
        pages: ['home'],
        $transactions: [],
        tags: ['a'],
        $last_seen: expect.any(String),
      },
    },
  ])
  expect(await place.profiles('company')).toEqual([
    {
      $group_key: 'company',
      $group_id: 'acme',
      $properties: { seats: 5, $name: 'Acme', products: ['anvil'] },
    },
  ])
})
