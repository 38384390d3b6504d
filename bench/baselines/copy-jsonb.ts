/**
 * The same bodies into a PostgreSQL table of one `jsonb` column, by COPY: the server that Penstock embeds, with the
 * settings that it comes with (a commit is answered when it is on the disk).
 *
 * In two forms: a COPY and a commit for each body, so that each can be answered when it is durable, as /import answers; and
 * one COPY a connection for all bodies, which promises nothing before its end.
 */
import { Readable, type Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { promisify } from 'node:util'
import { gunzip, gunzipSync } from 'node:zlib'
import pg from 'pg'
import { openEmbeddedPostgres } from '../../src/control/db/embedded/open-embedded-postgres.ts'
import { WrongResult } from '../check/wrong-result.ts'
import type { Body } from '../generator/generated-day.ts'
import type { Sample } from '../harness/measure.ts'
import { loadBenchPackage } from '../tools/bench-packages.ts'

/** Each inserts every body into a new table and throws WrongResult unless every event is in it. */
export interface JsonbTable {
  /** A transaction for each body. */
  copyBodies(bodies: readonly Body[]): Promise<Sample>
  /** A transaction for each connection's share of all bodies. */
  copyAtOnce(bodies: readonly Body[]): Promise<Sample>
  close(): Promise<void>
}

/** A server process each. Two keep two cores at the parsing, and more gain nothing there. */
const connectionsAtOnce = 2
/** While one waits for its commit, others parse. As many as the requests that /import has at once. */
const connectionsForBodies = 12

/** What of the package is used. */
interface CopyStreams {
  from(statement: string): Writable & pg.Submittable
}

export async function openJsonbTable(folder: string): Promise<JsonbTable> {
  const { from } = await loadBenchPackage<CopyStreams>('pg-copy-streams')
  const server = await openEmbeddedPostgres(folder)
  const clients = Array.from(
    { length: connectionsForBodies },
    () => new pg.Client({ connectionString: server.url }),
  )
  await Promise.all(clients.map((client) => client.connect()))
  const [first] = clients as [pg.Client, ...pg.Client[]]
  const timed = async (bodies: readonly Body[], insert: () => Promise<unknown>): Promise<Sample> => {
    await first.query('drop table if exists event')
    await first.query('create table event (data jsonb not null)')
    const startedMs = performance.now()
    await insert()
    const seconds = (performance.now() - startedMs) / 1000
    const sent = bodies.reduce((sum, { events }) => sum + events, 0)
    await expectEvents(first, sent)
    return { value: sent / seconds }
  }
  const copy = (client: pg.Client, lines: Iterable<Buffer>): Promise<void> =>
    pipeline(Readable.from(lines, { objectMode: false }), client.query(from(copyStatement)))
  return {
    copyBodies: (bodies) =>
      timed(bodies, async () => {
        const left = bodies.values()
        const copyNext = async (client: pg.Client): Promise<void> => {
          for (const { gzip } of left) await copy(client, [await inflate(gzip)])
        }
        await Promise.all(clients.map(copyNext))
      }),
    copyAtOnce: (bodies) =>
      timed(bodies, () => {
        const copyShare = (client: pg.Client, place: number): Promise<void> =>
          copy(client, inflated(bodies.filter((_, index) => index % connectionsAtOnce === place)))
        return Promise.all(clients.slice(0, connectionsAtOnce).map(copyShare))
      }),
    close: async () => {
      await Promise.all(clients.map((client) => client.end()))
      await server.release()
    },
  }
}

/** With a quote and a delimiter that no JSON holds, a line of CSV is the line as it is: nothing has to be escaped. */
const copyStatement = String.raw`copy event from stdin (format csv, quote E'\x01', delimiter E'\x02')`

const inflate = promisify<Uint8Array, Buffer>(gunzip)

function* inflated(bodies: readonly Body[]): Generator<Buffer> {
  for (const { gzip } of bodies) yield gunzipSync(gzip)
}

async function expectEvents(client: pg.Client, sent: number): Promise<void> {
  const ids = `count(distinct data->'properties'->>'$insert_id')`
  const { rows } = await client.query<{ events: number; ids: number }>(
    `select count(*)::integer as events, ${ids}::integer as ids from event`,
  )
  const { events, ids: distinct } = rows[0] ?? { events: 0, ids: 0 }
  if (events !== sent || distinct !== sent)
    throw new WrongResult(`the table holds ${events} events with ${distinct} ids; ${sent} were copied`)
}
