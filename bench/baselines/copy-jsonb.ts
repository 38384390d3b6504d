/**
 * The same bodies into a PostgreSQL table of one `jsonb` column, by COPY: the server that Penstock embeds, with the
 * settings that it comes with.
 */
import { Readable, type Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { gunzipSync } from 'node:zlib'
import pg from 'pg'
import { openEmbeddedPostgres } from '../../src/control/db/embedded/open-embedded-postgres.ts'
import { WrongResult } from '../check/wrong-result.ts'
import type { Body } from '../generator/generated-day.ts'
import type { Sample } from '../harness/measure.ts'
import { loadBenchPackage } from '../tools/bench-packages.ts'

export interface JsonbTable {
  /** Inserts every body into a new table and commits; throws WrongResult unless every event is in it. */
  copy(bodies: readonly Body[]): Promise<Sample>
  close(): Promise<void>
}

/** A server process each. Two keep two cores at the parsing, and more gain nothing there. */
const connections = 2

/** What of the package is used. */
interface CopyStreams {
  from(statement: string): Writable & pg.Submittable
}

export async function openJsonbTable(folder: string): Promise<JsonbTable> {
  const { from } = await loadBenchPackage<CopyStreams>('pg-copy-streams')
  const server = await openEmbeddedPostgres(folder)
  const clients = Array.from({ length: connections }, () => new pg.Client({ connectionString: server.url }))
  await Promise.all(clients.map((client) => client.connect()))
  const [first] = clients as [pg.Client, ...pg.Client[]]
  return {
    copy: async (bodies) => {
      await first.query('drop table if exists event')
      await first.query('create table event (data jsonb not null)')
      const startedMs = performance.now()
      await Promise.all(
        clients.map(async (client, place) => {
          const share = bodies.filter((_, index) => index % connections === place)
          await pipeline(
            Readable.from(inflated(share), { objectMode: false }),
            client.query(from(copyStatement)),
          )
        }),
      )
      const seconds = (performance.now() - startedMs) / 1000
      const sent = bodies.reduce((sum, { events }) => sum + events, 0)
      await expectEvents(first, sent)
      return { value: sent / seconds }
    },
    close: async () => {
      await Promise.all(clients.map((client) => client.end()))
      await server.release()
    },
  }
}

/** With a quote and a delimiter that no JSON holds, a line of CSV is the line as it is: nothing has to be escaped. */
const copyStatement = String.raw`copy event from stdin (format csv, quote E'\x01', delimiter E'\x02')`

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
