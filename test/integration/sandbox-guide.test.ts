/** The examples of docs/guides/sandbox.md, run as they stand there: each must print what the guide says. */
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Sandbox, startSandbox } from '../../sandbox/main.ts'

const root = join(import.meta.dirname, '../..')
const guide = readFileSync(join(root, 'docs/guides/sandbox.md'), 'utf8')
const world = readFileSync(join(root, 'docs/guides/sandbox-world.json'), 'utf8')
const folder = mkdtempSync(join(tmpdir(), 'sandbox-guide-'))
const canSign = spawnSync('curl', ['--help', 'all']).stdout?.includes('--aws-sigv4') ?? false
if (!canSign) process.stdout.write('sandbox guide: skipped: this machine has no curl that signs for AWS\n')

let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await startSandbox({ world: JSON.parse(world) })
})
afterAll(async () => {
  await sandbox.close()
  rmSync(folder, { recursive: true, force: true })
})

interface Example {
  readonly commands: string
  readonly prints: string
}

/** The commands with what stands after them; those before the first `curl` start the sandbox and set up an SDK. */
function readExamples(): Example[] {
  const blocks = guide.matchAll(/```sh\n(.*?)```(?:\n\n```(?:json)?\n(.*?)```)?/gs)
  return [...blocks]
    .map(([, commands = '', prints = '']) => ({ commands, prints }))
    .filter(({ commands }) => commands.includes('curl'))
}

async function run(commands: string): Promise<string> {
  const script = commands
    .replaceAll('http://127.0.0.1:4566', sandbox.url)
    .replaceAll('docs/guides/sandbox-world.json', join(root, 'docs/guides/sandbox-world.json'))
  const child = spawn('bash', ['-c', script], { cwd: folder })
  let printed = ''
  for await (const chunk of child.stdout) printed += chunk
  return printed
}

/** Times and request ids differ from run to run. */
function normalize(printed: string): string {
  return printed
    .replaceAll('\r', '')
    .replace(/"time":"[^"]*"/g, '"time":"…"')
    .replace(/"request_id":"[^"]*"/g, '"request_id":"…"')
}

test.skipIf(!canSign)('the examples print what the guide says', async () => {
  const examples = readExamples()
  expect(examples).toHaveLength(5)
  // The first line of the first example sets the variable that the later ones use.
  const variables = examples[0]?.commands.split('\n')[0] ?? ''
  for (const { commands, prints } of examples) {
    expect(normalize(await run(`${variables}\n${commands}`)), commands).toBe(normalize(prints))
  }
})
