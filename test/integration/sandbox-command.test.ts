/** `penstock sandbox` as people start it, with the world file of its guide. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { penstock } from '../support/penstock-process.ts'
import { sendSigned } from '../support/signed-request.ts'

const root = join(import.meta.dirname, '../..')
const world = join(root, 'docs/guides/sandbox-world.json')
const owner = { accessKeyId: 'AKIAACMEOWNER0000001', secretAccessKey: 'acme-owner-secret-0001' }
const folder = mkdtempSync(join(tmpdir(), 'sandbox-command-'))
const started: ChildProcess[] = []

afterAll(() => {
  for (const child of started) if (child.exitCode === null) child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

async function start(...args: string[]) {
  const child = spawn(join(root, 'bin/penstock'), ['sandbox', '--world', world, ...args])
  started.push(child)
  const [printed] = (await once(child.stdout, 'data')) as [Buffer]
  return {
    printed: printed.toString(),
    async stop(): Promise<number> {
      child.kill('SIGTERM')
      const [code] = (await once(child, 'exit')) as [number]
      return code
    },
  }
}

const send = (url: string, method: string, body = '') =>
  sendSigned(
    url,
    { method, path: '/acme-raw/day/one.txt', body },
    { credentials: owner, region: 'us-west-2' },
  )

describe('penstock sandbox', () => {
  test('prints its URL, serves, and ends at SIGTERM; with --data its objects stay', async () => {
    const data = join(folder, 'data')
    const first = await start('--data', data)
    expect(first.printed).toMatch(/^http:\/\/127\.0\.0\.1:\d+\n$/)
    expect((await send(first.printed.trim(), 'PUT', 'kept')).status).toBe(200)
    expect(await first.stop()).toBe(0)

    const second = await start('--data', data, '--json')
    const { url } = JSON.parse(second.printed) as { url: string }
    expect((await send(url, 'GET')).text).toBe('kept')
    expect(await second.stop()).toBe(0)
  })

  test('refuses a world that is not valid, with the path of what is wrong', async () => {
    const bad = join(folder, 'bad.json')
    writeFileSync(bad, JSON.stringify({ buckets: [{ name: 'acme', account: '1', region: 'us-west-2' }] }))
    const finished = await penstock(['sandbox', '--world', bad], {})
    expect(finished.code).toBe(2)
    expect(finished.stdout).toBe('')
    expect(finished.stderr).toMatch(/SANDBOX_WORLD_INVALID: .*buckets\[0\]\.account: must be an account id/)
  })

  test.each([
    ['no world', []],
    ['a world that is not there', ['--world', '/nowhere/world.json']],
    ['a port that is none', ['--world', world, '--port', '70000']],
  ])('is misused with %s', async (_, args) => {
    expect((await penstock(['sandbox', ...args], {})).code).toBe(2)
  })
})
