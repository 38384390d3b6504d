import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { cityRecord, placeDatabase } from '../../test/support/place-database-file.ts'
import { silentLog } from '../../test/support/silent-log.ts'
import { createFindPlace } from './find-place.ts'
import { type PlaceDatabase, readPlaceDatabase } from './place-database.ts'
import { openPlaceFile } from './place-file.ts'

const good = placeDatabase([
  { network: '203.0.113.0/24', record: cityRecord('Zürich', 'Zurich', 'CH') },
  { network: '198.51.100.128/25', record: { country: { iso_code: 'JP' } } },
  { network: '192.0.2.7/32', record: { location: { accuracy_radius: 5 } } },
])

let folder: string
let path: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'penstock-places-'))
  path = join(folder, 'places.mmdb')
  await writeFile(path, good)
})
afterEach(() => rm(folder, { recursive: true, force: true }))

function finder(database: PlaceDatabase, peerAddress = '203.0.113.1', usesPeer = false) {
  return createFindPlace({ database, peerAddress, usesPeer })
}

const zurich = { city: 'Zürich', region: 'Zurich', countryCode: 'CH' }

test('an address is turned into what the database knows of its network', async () => {
  const find = finder(await readPlaceDatabase(path))
  expect(find?.('203.0.113.9')).toEqual(zurich)
  expect(find?.(' 203.0.113.255 ')).toEqual(zurich)
  expect(find?.('::ffff:203.0.113.9')).toEqual(zurich)
  expect(find?.('198.51.100.200')).toEqual({ city: undefined, region: undefined, countryCode: 'JP' })
})

test.each([
  '198.51.100.127',
  '203.0.114.0',
  '192.0.2.7',
  '2001:db8::1',
  '',
  '0',
  'nowhere',
  '203.0.113.9:443',
  '999.1.1.1',
  '1.1.1',
  '::ffff:nowhere',
  0,
  1,
  null,
  true,
  {},
  ['203.0.113.9'],
])('nothing is known of %j, and the client is not taken instead', async (address) => {
  expect(finder(await readPlaceDatabase(path), '203.0.113.1', true)?.(address)).toBeUndefined()
})

test('without an address of its own a record is where its client is, if that is asked for', async () => {
  const database = await readPlaceDatabase(path)
  expect(finder(database, '203.0.113.1', true)?.(undefined)).toEqual(zurich)
  expect(finder(database, '::ffff:203.0.113.1', true)?.(undefined)).toEqual(zurich)
  expect(finder(database, '203.0.113.1', false)?.(undefined)).toBeUndefined()
  expect(finder(database, 'not an address', true)?.(undefined)).toBeUndefined()
  expect(createFindPlace(undefined)).toBeUndefined()
})

test.each<[string, Uint8Array]>([
  ['empty', Buffer.alloc(0)],
  ['no database', Buffer.from('<html>not found</html>')],
  ['cut at its end', good.subarray(0, -40)],
  ['cut at its beginning', good.subarray(500)],
  ['of something else', placeDatabase([], 'GeoLite2-ASN')],
])('a file that is %s is refused by its name', async (_what, bytes) => {
  await writeFile(path, bytes)
  await expect(readPlaceDatabase(path)).rejects.toMatchObject({
    code: 'PLACES_FILE_INVALID',
    message: expect.stringContaining(path),
  })
})

test('a file that is not there is refused', async () => {
  await expect(openPlaceFile(join(folder, 'none'), silentLog)).rejects.toMatchObject({
    code: 'PLACES_FILE_INVALID',
  })
})

test('a file that is replaced is read anew; one that is broken leaves the last good one', async () => {
  const file = await openPlaceFile(path, silentLog, 20)
  const city = () => finder(file.database())?.('203.0.113.9')?.city
  const replace = async (bytes: Uint8Array) => {
    await writeFile(`${path}.new`, bytes)
    await rename(`${path}.new`, path)
  }
  const moved = (name: string) =>
    placeDatabase([{ network: '203.0.113.0/24', record: cityRecord(name, 'r', 'CH') }])
  await replace(moved('moved'))
  await expect.poll(city).toBe('moved')
  await replace(Buffer.from('half of a database'))
  await new Promise((resolve) => setTimeout(resolve, 100))
  expect(city()).toBe('moved')
  await replace(moved('back'))
  await expect.poll(city).toBe('back')
  await file.stop()
})
