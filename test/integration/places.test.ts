/**
 * Addresses become places where the operator gives a database, and are gone in any case. On /track and /engage:
 * the record's own address, or with ip=1 the client's, which behind the operator's proxy is what the proxy says.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { createProject } from '../../src/control/projects/manage-projects.ts'
import { readPlaceDatabase } from '../../src/places/place-database.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { acme, basic, importEvent, startIngestServer, trackEvent } from '../support/ingest-server.ts'
import { type Env, penstock, startPenstock } from '../support/penstock-process.ts'
import { cityRecord, placeDatabase } from '../support/place-database-file.ts'

let folder: string
let file: string
let server: Awaited<ReturnType<typeof startIngestServer>>
let database: TestDatabase
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'penstock-places-'))
  file = join(folder, 'places.mmdb')
  const networks = [
    { network: '127.0.0.0/8', record: cityRecord('Home', 'Here', 'DE') },
    { network: '203.0.113.0/24', record: cityRecord('Zürich', 'Zurich', 'CH') },
  ] as const
  await writeFile(file, placeDatabase([...networks]))
  const places = await readPlaceDatabase(file)
  server = await startIngestServer({ places: () => places })
  database = await createTestDatabase()
})
afterAll(async () => {
  await server?.close()
  await database?.drop()
  await rm(folder, { recursive: true, force: true })
})
beforeEach(() => {
  server.stored.length = 0
  server.profileUpdates.length = 0
})

const json = { 'content-type': 'application/json' }
const home = { $city: 'Home', $region: 'Here', mp_country_code: 'DE' }
const zurich = { $city: 'Zürich', $region: 'Zurich', mp_country_code: 'CH' }

async function send(path: string, body: unknown, headers: Record<string, string> = json): Promise<string> {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const answer = await fetch(server.url + path, { method: 'POST', headers, body: text })
  return `${answer.status} ${await answer.text()}`
}

/** What is stored of where the events were, and whether their addresses are. */
function stored() {
  return server.stored.map(({ properties: { $city, $region, mp_country_code, ip } }) => ({
    ...($city !== undefined && { $city }),
    ...($region !== undefined && { $region }),
    ...(mp_country_code !== undefined && { mp_country_code }),
    ...(ip !== undefined && { ip }),
  }))
}

test.each<[string, object, object]>([
  ['/track?ip=1', {}, home],
  ['/track/?ip=1&verbose=0', { ip: '203.0.113.9' }, zurich],
  ['/track?ip=0', {}, {}],
  ['/track', {}, {}],
  ['/track?ip=0', { ip: '203.0.113.9' }, zurich],
  ['/track?ip=1', { ip: '0' }, {}],
  ['/track?ip=1', { ip: 0 }, {}],
  ['/track?ip=1', { ip: 'nowhere' }, {}],
  [
    '/track?ip=1',
    { $city: 'Its own', mp_country_code: null },
    { ...home, $city: 'Its own', mp_country_code: null },
  ],
])('%s with %j is stored with %j', async (path, properties, place) => {
  expect(await send(path, trackEvent(properties))).toBe('200 1')
  expect(stored()).toEqual([place])
})

test('a form says ip=1 beside its data, as some SDKs do', async () => {
  const form = { 'content-type': 'application/x-www-form-urlencoded' }
  const data = JSON.stringify([trackEvent(), trackEvent({ ip: '203.0.113.9' })])
  expect(await send('/track', String(new URLSearchParams({ data, ip: '1' })), form)).toBe('200 1')
  expect(stored()).toEqual([home, zurich])
})

test.each(['application/json', 'application/x-ndjson'])(
  '/import reads the events’ own addresses, as %s',
  async (type) => {
    const events = [
      importEvent({ ip: '203.0.113.9' }),
      importEvent(),
      importEvent({ ip: '192.0.2.1' }),
      // Whose numbers take another way through the parser.
      importEvent({ ip: '203.0.113.9', amount: 1 }),
    ]
    const body =
      type === 'application/json'
        ? JSON.stringify(events)
        : events.map((event) => JSON.stringify(event)).join('\n')
    const sent = body.replace('"amount":1', '"amount":12345678901234567890')
    const answer = await send('/import?strict=1&ip=1', sent, { ...basic(acme.secret), 'content-type': type })
    expect(answer).toMatch(/^200 .*"num_records_imported":4/)
    expect(stored()).toEqual([zurich, {}, {}, zurich])
  },
)

test('profiles of users get a place of their own names, groups none', async () => {
  const user = { $token: acme.token, $distinct_id: 'u1' }
  const group = { $token: acme.token, $group_key: 'company', $group_id: 'acme' }
  await send('/engage?ip=1', { ...user, $set: { plan: 'team' } })
  await send('/engage?ip=1', { ...user, $ip: '203.0.113.9', $add: { visits: 1 } })
  await send('/engage?ip=1', { ...user, $ip: '0', $set: { plan: 'team' } })
  await send('/engage?ip=0', { ...user, $set: { plan: 'team' } })
  await send('/engage?ip=1', { ...user, $set: { $city: 'Its own' } })
  await send('/groups?ip=1', { ...group, $set: { seats: 5 } })
  expect(server.profileUpdates.map(({ update }) => ({ ...update.set }))).toEqual([
    { plan: 'team', $city: 'Home', $region: 'Here', $country_code: 'DE' },
    { $city: 'Zürich', $region: 'Zurich', $country_code: 'CH' },
    { plan: 'team' },
    { plan: 'team' },
    { $city: 'Its own', $region: 'Here', $country_code: 'DE' },
    { seats: 5 },
  ])
})

const env = (changes: Env): Env => ({
  PENSTOCK_DATABASE_URL: database.url,
  PENSTOCK_DATA_DIR: join(folder, 'data'),
  PENSTOCK_GEOIP_DATABASE: file,
  ...changes,
})

test('of a trusted proxy the client is believed, of others it is not', { timeout: 120_000 }, async () => {
  const { token, apiSecret } = await createProject(database.db, { name: 'places', timeZone: 'UTC' })
  const cities = async (changes: Env): Promise<unknown[]> => {
    const penstock = await startPenstock(env(changes))
    const event = trackEvent({ token, $insert_id: `forwarded-${Object.keys(changes).length}` })
    const headers = { ...json, 'x-forwarded-for': '192.0.2.99, 203.0.113.9' }
    const answer = await fetch(`${penstock.url}/track?ip=1`, {
      method: 'POST',
      headers,
      body: JSON.stringify(event),
    })
    expect(await answer.text()).toBe('1')
    const today = new Date().toISOString().slice(0, 10)
    const yesterday = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10)
    const exported = await fetch(`${penstock.url}/api/2.0/export?from_date=${yesterday}&to_date=${today}`, {
      headers: basic(apiSecret),
    })
    const lines = (await exported.text()).trimEnd().split('\n')
    expect(await penstock.kill('SIGTERM'), penstock.log()).toBe(0)
    return lines.map((line) => JSON.parse(line).properties.$city).sort()
  }
  expect(await cities({})).toEqual(['Home'])
  // What comes before the proxy's own word, anybody can have written.
  expect(await cities({ PENSTOCK_TRUSTED_PROXIES: 'loopback' })).toEqual(['Home', 'Zürich'])
})

test('a database that is not there or no database, and networks that are none: named, and not started', async () => {
  const ended = async (changes: Env) => await penstock(['serve'], env({ PENSTOCK_PORT: '0', ...changes }))
  const missing = await ended({ PENSTOCK_GEOIP_DATABASE: join(folder, 'none.mmdb') })
  expect([missing.code, missing.stderr]).toEqual([
    1,
    expect.stringMatching(/PLACES_FILE_INVALID: .*none\.mmdb can't be used/),
  ])
  const networks = await ended({ PENSTOCK_TRUSTED_PROXIES: '10.0.0.0/33' })
  expect([networks.code, networks.stderr]).toEqual([
    2,
    expect.stringMatching(/CONFIG_INVALID: .*PENSTOCK_TRUSTED_PROXIES must be IP addresses/),
  ])
})
