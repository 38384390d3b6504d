import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'

const root = join(import.meta.dirname, '../..')
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'penstock-demo-test-'))
})
afterAll(() => rm(folder, { recursive: true }))

test('npm run demo ends with 0, shows what landed, and leaves nothing behind', async () => {
  const demo = startDemo([], {
    // What belongs to the machine must neither be used nor stand in the way.
    PENSTOCK_DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none',
    PENSTOCK_PORT: 'not a port',
    AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
    AWS_PROFILE: 'work',
    TZ: 'Pacific/Kiritimati',
  })
  const [code] = await once(demo.process, 'close')
  expect(demo.output()).toContain('Verified: ')
  expect(code).toBe(0)
  expect(rowsOf(demo.output())).toEqual([
    [0, '-', 'AES256'],
    [expect.any(Number), '1400', 'AES256'],
    [0, '-', 'AES256'],
    [expect.any(Number), '1900', 'AES256'],
    [0, '-', 'AES256'],
    [0, '-', 'AES256'],
    [expect.any(Number), '1650', 'AES256'],
    [0, '-', 'AES256'],
    [expect.any(Number), '1200', 'AES256'],
  ])
  expect(await leftBehind(demo.output())).toEqual([])
})

test('--keep stays up until it is told to end, and then leaves nothing behind', async () => {
  const demo = startDemo(['--', '--keep'])
  await demo.says('until Ctrl-C')
  const [sandbox] = urlsOf(demo.output())
  expect((await fetch(`${sandbox}/_sandbox/requests`)).status).toBe(200)
  // A terminal's Ctrl-C reaches every process of the group, and npm passes it on once more.
  process.kill(-(demo.process.pid ?? 0), 'SIGINT')
  await once(demo.process, 'close')
  expect(await leftBehind(demo.output())).toEqual([])
})

test('interrupted half-way it ends what it has started', async () => {
  const demo = startDemo([])
  await demo.says('Start Penstock')
  process.kill(-(demo.process.pid ?? 0), 'SIGINT')
  const [code] = await once(demo.process, 'close')
  expect(code).not.toBe(0)
  expect(demo.output()).not.toContain('Verified')
  expect(await leftBehind(demo.output())).toEqual([])
})

test('an option that is not there is refused with the usage', async () => {
  const demo = startDemo(['--', '--kepe'])
  const [code] = await once(demo.process, 'close')
  expect(code).toBe(2)
  expect(demo.output()).toMatch(/kepe[\s\S]*Usage: npm run demo/)
})

interface Demo {
  process: ChildProcess
  output(): string
  /** Resolves when the output has the text. */
  says(text: string): Promise<void>
}

function startDemo(args: string[], env: Record<string, string> = {}): Demo {
  const child = spawn('npm', ['run', 'demo', ...args], {
    cwd: root,
    env: { ...process.env, TMPDIR: folder, ...env },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output += chunk
    })
  }
  return {
    process: child,
    output: () => output,
    says: async (text) => {
      while (!output.includes(text)) await once(child.stdout, 'data')
    },
  }
}

/** Bytes, events and encryption of each row of the listing. */
function rowsOf(output: string): unknown[] {
  const rows = output.matchAll(/^ +test\/1\/\S+ +(\d+) +(\S+) +(\S+)$/gm)
  return [...rows].map(([, bytes, events, encryption]) => [Number(bytes), events, encryption])
}

/** The sandbox's URL and Penstock's, as far as they have been said. */
function urlsOf(output: string): string[] {
  return [...new Set([...output.matchAll(/http:\/\/127\.0\.0\.1:\d+/g)].map(([url]) => url))]
}

/** Files, servers that still answer, and processes that work in the folder, as the embedded PostgreSQL does. */
async function leftBehind(output: string): Promise<string[]> {
  // npm itself keeps a cache beside the demo's folder.
  const files = (await readdir(folder)).filter((name) => name.startsWith('penstock'))
  const answers = urlsOf(output).map(async (url) => ((await isUp(url)) ? [url] : []))
  return [...files, ...(await Promise.all(answers)).flat(), ...(await processesIn(folder))]
}

async function processesIn(path: string): Promise<string[]> {
  const pids = await readdir('/proc').catch(() => [])
  const commands = pids.map(async (pid) => await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ''))
  return (await Promise.all(commands)).filter((command) => command.includes(path))
}

async function isUp(url: string): Promise<boolean> {
  return await fetch(url).then(
    () => true,
    () => false,
  )
}
