import { fork } from 'node:child_process'
import { cp, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createEmptyDatabase } from '../../../test/support/database.ts'
import { connectDatabase, type DatabaseConnection } from './connect-database.ts'
import { migrateDatabase } from './migrate.ts'
import { migrationsFolder } from './migration-files.ts'

let database: { url: string; drop(): Promise<void> }
let connection: DatabaseConnection
let folder: string

beforeEach(async () => {
  database = await createEmptyDatabase()
  connection = connectDatabase(database.url, { applicationName: 'migrate test', connectionsMax: 4 })
  folder = await mkdtemp(join(tmpdir(), 'penstock-migrations-'))
  await writeFile(join(folder, '0001-first.sql'), 'create table first (id integer);')
})

afterEach(async () => {
  await connection.close()
  await database.drop()
  await rm(folder, { recursive: true, force: true })
})

const migrate = () => migrateDatabase(connection.pool, folder)

test('pending migrations are applied in order, and each only once', async () => {
  expect(await migrate()).toEqual(['0001-first'])
  await writeFile(join(folder, '0003-third.sql'), 'alter table second add column third text;')
  await writeFile(join(folder, '0002-second.sql'), 'create table second (id integer);')
  expect(await migrate()).toEqual(['0002-second', '0003-third'])
  expect(await migrate()).toEqual([])
})

test('a migration that fails leaves nothing of itself behind', async () => {
  await writeFile(join(folder, '0002-broken.sql'), 'create table half (id integer); select no_such_column;')
  await expect(migrate()).rejects.toMatchObject({ code: 'MIGRATION_FAILED' })
  const { rows } = await connection.pool.query(
    "select to_regclass('first') is not null as first, to_regclass('half') is not null as half",
  )
  expect(rows).toEqual([{ first: true, half: false }])
})

test('an applied migration whose file changed stops the start', async () => {
  await migrate()
  await writeFile(join(folder, '0001-first.sql'), 'create table first (id bigint);')
  await expect(migrate()).rejects.toMatchObject({ code: 'MIGRATION_CHANGED' })
})

test('other line endings are not another content', async () => {
  await writeFile(join(folder, '0001-first.sql'), 'create table first (\n  id integer\n);\n')
  await migrate()
  await writeFile(join(folder, '0001-first.sql'), 'create table first (\r\n  id integer\r\n);\r\n')
  expect(await migrate()).toEqual([])
})

test('a database newer than the program stops the start', async () => {
  await writeFile(join(folder, '0002-second.sql'), 'create table second (id integer);')
  await migrate()
  await rm(join(folder, '0002-second.sql'))
  await expect(migrate()).rejects.toMatchObject({ code: 'DATABASE_NEWER' })
})

const beside = (number: string) => `-- Beside it, programs as of ${number} go on working.\n`

test('a program starts on a database that a newer one has migrated, where the newer migrations allow it', async () => {
  await writeFile(join(folder, '0002-second.sql'), `${beside('0001')}create table second (id integer);`)
  await writeFile(join(folder, '0003-third.sql'), `${beside('0002')}create table third (id integer);`)
  await migrate()
  await rm(join(folder, '0003-third.sql'))
  expect(await migrate()).toEqual([])
  // The third allows programs of the second, and no older ones.
  await rm(join(folder, '0002-second.sql'))
  await expect(migrate()).rejects.toMatchObject({ code: 'DATABASE_NEWER' })
})

test('a migration steps back from a table in use, so that others get at it, and is applied when it is free', async () => {
  await migrate()
  await writeFile(join(folder, '0002-second.sql'), 'alter table first add column second text;')
  const reader = await connection.pool.connect()
  await reader.query('begin')
  await reader.query('select from first')
  const migrating = migrate()
  const waiting = async () => {
    const { rows } = await connection.pool.query<{ waits: boolean }>(
      "select exists (select from pg_locks where relation = 'first'::regclass and not granted) as waits",
    )
    return rows[0]?.waits
  }
  await expect.poll(waiting).toBe(true)
  // It waits behind the migration, which waits behind the reader: until the migration steps back.
  await connection.pool.query('insert into first values (1)')
  await reader.query('commit')
  reader.release()
  expect(await migrating).toEqual(['0002-second'])
})

test('a migration numbered below an applied one stops the start', async () => {
  await writeFile(join(folder, '0003-third.sql'), 'create table third (id integer);')
  await migrate()
  await writeFile(join(folder, '0002-second.sql'), 'create table second (id integer);')
  await expect(migrate()).rejects.toMatchObject({ code: 'MIGRATION_OUT_OF_ORDER' })
})

test('two files with one number, and a file with another name, are refused', async () => {
  await cp(join(folder, '0001-first.sql'), join(folder, '0001-again.sql'))
  await expect(migrate()).rejects.toMatchObject({ code: 'MIGRATION_FILES_INVALID' })
  await rename(join(folder, '0001-again.sql'), join(folder, 'second.sql'))
  await expect(migrate()).rejects.toMatchObject({ code: 'MIGRATION_FILES_INVALID' })
})

test('processes that migrate at once apply each migration once, and all succeed', async () => {
  const script = join(import.meta.dirname, '../../../test/support/migrate-process.ts')
  const exits = [1, 2, 3].map(async () => {
    const child = fork(script, [database.url], {
      execArgv: [],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    return await new Promise((resolve) => child.on('exit', resolve))
  })
  expect(await Promise.all(exits)).toEqual([0, 0, 0])
  expect(await migrateDatabase(connection.pool, migrationsFolder())).toEqual([])
})

test('a bigint comes as a number, and one that a number would round is refused', async () => {
  const { rows } = await connection.pool.query('select 9007199254740991::bigint as value')
  expect(rows).toEqual([{ value: Number.MAX_SAFE_INTEGER }])
  await expect(connection.pool.query('select 9007199254740993::bigint as value')).rejects.toMatchObject({
    code: 'DATABASE_NUMBER_TOO_LARGE',
  })
})

test('a date comes as its text and a timestamp as an instant', async () => {
  const { rows } = await connection.pool.query(
    "select date '2019-08-10' as day, timestamptz '2019-08-10 02:00+02' as instant",
  )
  expect(rows).toEqual([{ day: '2019-08-10', instant: new Date('2019-08-10T00:00:00Z') }])
})
