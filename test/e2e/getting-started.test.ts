/**
 * Reads docs/guides/getting-started.md as a newcomer would:
 * 1. every block of commands, in its order, in one shell; on free ports and in a temporary folder
 * 2. `sandbox` and `serve` in the background, as in terminals of their own
 * 3. the last commands show the day's file
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Installation, isShared, openInstallation } from '../support/chosen-shape.ts'
import { freePort } from '../support/free-port.ts'

const root = join(import.meta.dirname, '../..')
const guide = readFileSync(join(root, 'docs/guides/getting-started.md'), 'utf8')
let folder: string
let installation: Installation
let output: string
let code: number | null

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'penstock-guide-'))
  installation = await openInstallation({ PENSTOCK_LOG_LEVEL: 'warn' })
  const shell = spawn('bash', ['-c', script(await freePort(), await freePort())], {
    cwd: folder,
    env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '/', ...installation.env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  output = ''
  shell.stdout.on('data', (chunk) => {
    output += chunk
  })
  code = (await once(shell, 'close'))[0]
})
afterAll(async () => {
  await installation?.close()
  rmSync(folder, { recursive: true })
})

test('every command works', () => {
  expect(output).toContain('{"code":200,"num_records_imported":3,"status":"OK"}')
  expect(output).toContain('{"status":1,"error":null}')
  expect(output).toContain('{"pipeline_names":["events-daily-s3-raw"]}')
  expect(code).toBe(0)
})

test('the day before yesterday has its file and its marker', () => {
  const date = new Date(Date.now() - 2 * 86_400_000).toISOString().slice(0, 10).replaceAll('-', '/')
  const keys = [...output.matchAll(/<Key>(\S+)/g)].map(([, key]) => key)
  expect(keys.slice(0, 2)).toEqual([
    `test/1/${date}/full_day/complete`,
    expect.stringMatching(`^test/1/${date}/full_day/.*\\.json\\.gz$`),
  ])
})

test('each event is in the file once', () => {
  const events = [...output.matchAll(/^\{"event":.*$/gm)].map(([line]) => JSON.parse(line))
  expect(events.map(({ event }) => event).sort()).toEqual(['Order paid', 'Page viewed', 'Signed up'])
  expect(events.find(({ event }) => event === 'Order paid')?.properties).toMatchObject({ total: 42.5 })
})

/** The guide's commands but for the first and the last block: what is installed is not installed anew, nor removed. */
function script(apiPort: number, sandboxPort: number): string {
  const blocks = [...guide.matchAll(/^```sh\n(.*?)^```/gms)].map(([, block = '']) => block).slice(1, -1)
  expect(blocks).toHaveLength(11)
  const text = blocks
    .map((block) => block.replace(/^bin\/penstock (?:sandbox.*|serve)$/m, background))
    .join('\n')
    .replaceAll('bin/penstock', `${root}/bin/penstock`)
    .replaceAll('docs/guides', `${root}/docs/guides`)
    .replaceAll('npx node', process.execPath)
    .replaceAll('4566', String(sandboxPort))
    .replaceAll('8080', String(apiPort))
  return `set -euo pipefail\nexport PENSTOCK_PORT=${apiPort}\ntrap 'kill $(jobs -p); wait' EXIT\n${text}`
}

/** Goes on when it answers: S3 and the API both answer any request. */
function background(command: string): string {
  const isServe = command.endsWith('serve')
  const port = isServe ? '8080' : '4566'
  const wait = `until curl -s -o ${port}.ready http://127.0.0.1:${port}/; do kill -0 $!; sleep 0.1; done`
  if (!isServe || !isShared) return `${command} > ${port}.log &\n${wait}`
  // As on several machines, in directories of their own; the API last, as it is the one that is waited for.
  const roles = ['scheduler', 'worker', 'api'].map(
    (role) => `PENSTOCK_DATA_DIR=./data-of-${role} ${command} --roles ${role} > ${role}.log &`,
  )
  return [...roles, wait].join('\n')
}
