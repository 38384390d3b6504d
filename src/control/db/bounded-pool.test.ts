import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../../test/support/database.ts'
import { connectDatabase, type DatabaseConnection } from './connect-database.ts'
import { isDatabaseAway } from './database-away.ts'

let database: TestDatabase
let answering: DatabaseConnection
beforeAll(async () => {
  database = await createTestDatabase()
  answering = connectDatabase(database.url, {
    applicationName: 'test answering',
    connectionsMax: 1,
    answerMsMax: 2000,
  })
})
afterAll(async () => {
  await answering?.close()
  await database?.drop()
})

const late = sql`select pg_sleep(600)`
const failure = (answer: Promise<unknown>): Promise<unknown> => answer.catch((cause: unknown) => cause)
const answers = async () =>
  (await sql<{ one: number }>`select 1 as one`.execute(answering.db)).rows[0]?.one === 1

test('a query that is not answered in time fails as of a database that is away, and its connection is given to nobody else', async () => {
  const failed = await failure(late.execute(answering.db))
  expect(failed).toMatchObject({ message: 'Query read timeout' })
  expect(isDatabaseAway(failed)).toBe(true)
  expect(await answers()).toBe(true)
})

test('of a transaction that is late nothing more is asked, and nothing of it stays', async () => {
  await sql`create table kept (id integer)`.execute(answering.db)
  const asked: string[] = []
  const transaction = answering.db.transaction().execute(async (tx) => {
    await sql`insert into kept values (1)`.execute(tx)
    await failure(late.execute(tx)).then(() => asked.push('late'))
    await sql`insert into kept values (2)`.execute(tx)
    asked.push('after')
  })
  expect(isDatabaseAway(await failure(transaction))).toBe(true)
  expect(asked).toEqual(['late'])
  expect(await answers()).toBe(true)
  // The server ends the transaction when it finds its client gone.
  await sql`select pg_terminate_backend(pid) from pg_stat_activity where query like '%pg_sleep%' and pid <> pg_backend_pid()`.execute(
    database.db,
  )
  await expect
    .poll(async () => (await sql`select * from kept`.execute(database.db)).rows, { timeout: 20_000 })
    .toEqual([])
})

test('who finds no connection in time fails as well', async () => {
  const held = Promise.withResolvers<void>()
  const holding = answering.db.connection().execute(() => held.promise)
  expect(isDatabaseAway(await failure(answers()))).toBe(true)
  held.resolve()
  await holding
  expect(await answers()).toBe(true)
})
