/** Every command of `penstock`, whichever there are: each has `--help`, and `--json`, which prints one document. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { runCli } from '../../src/cli/run-cli.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'

let database: TestDatabase
let folder: string
beforeAll(async () => {
  database = await createTestDatabase()
  folder = await mkdtemp(join(tmpdir(), 'penstock-command-line-'))
})
afterAll(async () => {
  await database.drop()
  await rm(folder, { recursive: true })
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllEnvs()
  process.exitCode = undefined
})

/** What `--help` says of a command. */
async function helpOf(path: string[]): Promise<string> {
  let text = ''
  const writing = vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    text += chunk
    return true
  })
  const code = await runCli([...path, '--help'])
  writing.mockRestore()
  expect([path, code]).toEqual([path, 0])
  return text
}

test('--version prints that of the package', async () => {
  const { version } = JSON.parse(await readFile(join(import.meta.dirname, '../../package.json'), 'utf8'))
  const writing = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  expect(await runCli(['--version'])).toBe(0)
  expect(writing.mock.calls).toEqual([[`${version}\n`]])
})

/** Those that do something: the ends of the tree, and what does by itself what its subcommands do for a part. */
async function commandsBelow(path: string[]): Promise<{ command: string; help: string }[]> {
  const help = await helpOf(path)
  const [, listed = ''] = help.split('\nCommands:\n')
  const names = [...listed.matchAll(/^ {2}([a-z-]+)/gm)].map(([, name = '']) => name)
  const below = []
  for (const name of names.filter((each) => each !== 'help'))
    below.push(...(await commandsBelow([...path, name])))
  const command = path.join(' ')
  return below.length === 0 || command === 'check' ? [{ command, help }, ...below] : below
}

test('each command that --help leads to has --json', async () => {
  const found = await commandsBelow([])
  const commands = found.map(({ command }) => command)
  expect(commands.length).toBeGreaterThan(25)
  expect(commands).toEqual(
    expect.arrayContaining([
      ...['serve', 'project create', 'service-account grant', 'setup aws', 'check', 'check aws'],
      ...['check webhook', 'pipeline show', 'import', 'verify', 'store check', 'sandbox'],
    ]),
  )
  expect(found.filter(({ help }) => !/^ {2}--json /m.test(help)).map(({ command }) => command)).toEqual([])
})

test('--json prints one document on standard output, and nothing else', async () => {
  const out: string[] = []
  vi.spyOn(console, 'log').mockImplementation((text) => void out.push(String(text)))
  const written = vi.spyOn(process.stdout, 'write')
  const env = {
    PENSTOCK_DATABASE_URL: database.url,
    PENSTOCK_DATA_DIR: folder,
    PENSTOCK_AWS_PRINCIPAL_ARN: 'arn:aws:iam::111111111111:role/penstock',
  }
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value)
  /** Gives the document. */
  const run = async (...args: string[]) => {
    out.length = 0
    expect([args, await runCli([...args, '--json'])]).toEqual([args, 0])
    expect([args, out.length]).toEqual([args, 1])
    return JSON.parse(out[0] ?? '')
  }

  const { project_id: id } = await run('project', 'create', '--name', 'shop')
  const project = ['--project', String(id)]
  expect(await run('project', 'list')).toMatchObject([{ project_id: id, name: 'shop' }])
  expect(await run('project', 'show', ...project)).toMatchObject({ project_id: id })
  expect(await run('project', 'edit', ...project, '--timezone', 'Europe/Berlin')).toMatchObject({
    project_id: id,
  })
  expect(await run('project', 'rotate-secret', ...project)).toHaveProperty('api_secret')
  const setup = ['setup', 'aws', ...project, '--bucket', 'acme-raw']
  expect(await run(...setup)).toHaveProperty('trust_policy')
  const account = ['--name', 'Night export']
  expect(await run('service-account', 'create', ...account)).toHaveProperty('secret')
  const granted = ['grant', ...account, ...project, '--role', 'analyst']
  expect(await run('service-account', ...granted)).toMatchObject({ role: 'analyst' })
  expect(await run('service-account', 'list')).toMatchObject([{ roles: [{ project_id: id }] }])
  expect(await run('service-account', 'revoke', ...account, ...project)).toMatchObject({ role: null })
  expect(await run('service-account', 'delete', ...account)).toMatchObject({ deleted: true })
  expect(await run('store', 'check')).toMatchObject({ problems: [] })
  expect(await run('store', 'reindex')).toMatchObject({ added: 0 })
  expect(await run('store', 'hold', 'true')).toEqual({ exit_code: 0 })
  expect(await run('store', 'compact')).toMatchObject({ merges: 0 })
  expect(await run('project', 'delete', ...project)).toMatchObject({ project_id: id })
  expect(written).not.toHaveBeenCalled()
})
