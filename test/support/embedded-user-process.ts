/**
 * A process that uses the embedded PostgreSQL of the data directory in its first argument: says when it
 * does, goes on until a line comes on standard input, leaves, and ends.
 */
import { once } from 'node:events'
import pg from 'pg'
import { openEmbeddedPostgres } from '../../src/control/db/embedded/open-embedded-postgres.ts'

const database = await openEmbeddedPostgres(process.argv[2] ?? '')
const client = new pg.Client({ connectionString: database.url })
await client.connect()
// Two users that find no table both try to make it: `if not exists` does not keep them apart, a lock does.
await client.query(
  'begin; select pg_advisory_xact_lock(1); create table if not exists visit (pid integer); commit',
)
await client.query('insert into visit values ($1)', [process.pid])
process.stdout.write('ready\n')
await once(process.stdin, 'data')
await client.query('select count(*) from visit')
await client.end()
await database.release()
process.exit(0)
