import { execFileSync } from 'node:child_process'
import { chmod, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openEmbeddedPostgres } from '../../src/control/db/embedded/open-embedded-postgres.ts'
import { readPostmaster } from '../../src/control/db/embedded/postmaster.ts'

let parent: string
let dataDir: string
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'penstock-embedded-'))
  dataDir = join(parent, 'data')
})
afterEach(async () => {
  const postmaster = await readPostmaster(join(dataDir, 'postgres'))
  if (postmaster !== undefined) process.kill(postmaster.pid, 'SIGKILL')
  await rm(parent, { recursive: true })
})

const running = async () => (await readPostmaster(join(dataDir, 'postgres')))?.pid

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => undefined)
  await client.connect()
  const { rows } = await client.query(sql)
  await client.end()
  return rows
}

test('the last user stops the server, and what was stored is there for the next', async () => {
  const first = await openEmbeddedPostgres(dataDir)
  const second = await openEmbeddedPostgres(dataDir)
  expect(second.url).toBe(first.url)
  await query(first.url, 'create table kept as select 42 as answer')
  await first.release()
  expect(await query(second.url, 'select answer from kept')).toEqual([{ answer: 42 }])
  await second.release()
  expect(await running()).toBeUndefined()
  const third = await openEmbeddedPostgres(dataDir)
  expect(await query(third.url, 'select answer from kept')).toEqual([{ answer: 42 }])
  await third.release()
})

test('a data directory that is a file, or below one, is named with what to do', async () => {
  await writeFile(dataDir, '')
  for (const path of [dataDir, join(dataDir, 'below')]) {
    await expect(openEmbeddedPostgres(path)).rejects.toMatchObject({
      code: 'DATA_DIR_UNUSABLE',
      message: expect.stringMatching(
        new RegExp(`${path} can't be used: E\\w+: .*PENSTOCK_DATA_DIR must name`),
      ),
    })
  }
})

test('many who open and leave at once all get a server that answers', async () => {
  const use = async () => {
    for (let round = 0; round < 3; round++) {
      const database = await openEmbeddedPostgres(dataDir)
      expect(await query(database.url, 'select 1 as one')).toEqual([{ one: 1 }])
      await database.release()
    }
  }
  await Promise.all([use(), use(), use(), use()])
  expect(await running()).toBeUndefined()
  expect((await readdir(dataDir)).sort()).toEqual(['postgres'])
})

test('a server that was killed while it is used comes back on the same URL', async () => {
  const database = await openEmbeddedPostgres(dataDir)
  process.kill((await running()) ?? 0, 'SIGKILL')
  await expect
    .poll(() => query(database.url, 'select 1 as one').catch(() => 'away'), { timeout: 30_000 })
    .toEqual([{ one: 1 }])
  await database.release()
})

test("a postmaster.pid that a reboot left, whose pid is another program's now, is no obstacle", async () => {
  await (await openEmbeddedPostgres(dataDir)).release()
  const stale = [process.pid, join(dataDir, 'postgres'), 1, 5432, '', '127.0.0.1', '', 'ready', '']
  await writeFile(join(dataDir, 'postgres', 'postmaster.pid'), stale.join('\n'))
  const database = await openEmbeddedPostgres(dataDir)
  expect(await query(database.url, 'select 1 as one')).toEqual([{ one: 1 }])
  await database.release()
})

test('a cluster that was killed while it was made is made anew', async () => {
  const gone = Number(execFileSync('sh', ['-c', 'echo $$']))
  execFileSync('mkdir', ['-p', join(dataDir, `postgres.${gone}.1a2b3c4d.new`)])
  const database = await openEmbeddedPostgres(dataDir)
  expect((await readdir(dataDir)).sort()).toEqual(['postgres'])
  await database.release()
})

test('as root, a data directory below a folder that only root may pass is no obstacle', async () => {
  await chmod(parent, 0o700)
  const database = await openEmbeddedPostgres(dataDir)
  expect(await query(database.url, 'show data_checksums')).toEqual([{ data_checksums: 'on' }])
  await database.release()
})
