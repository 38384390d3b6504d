/** A MaxMind database of places, in memory that all threads of the process share. */
import { randomUUID } from 'node:crypto'
import { open } from 'node:fs/promises'
import { type CityResponse, Reader } from 'mmdb-lib'
import { PenstockError } from '../errors/penstock-error.ts'

export interface PlaceDatabase {
  /** Tells a thread whether it is the one that it knows. */
  version: string
  /** The file as it is: handed from thread to thread without a copy. */
  bytes: SharedArrayBuffer
}

/** @throws PenstockError PLACES_FILE_INVALID when the file can't be read or is no database of cities or countries */
export async function readPlaceDatabase(path: string): Promise<PlaceDatabase> {
  try {
    const bytes = await readShared(path)
    checkDatabase(bytes)
    return { version: randomUUID(), bytes }
  } catch (cause) {
    throw new PenstockError(
      'outside',
      'PLACES_FILE_INVALID',
      `${path} can't be used (${cause instanceof Error ? cause.message : String(cause)}): PENSTOCK_GEOIP_DATABASE names a MaxMind database of cities or countries (.mmdb, unpacked) that this user may read`,
      { cause },
    )
  }
}

export function openReader(bytes: SharedArrayBuffer): Reader<CityResponse> {
  return new Reader<CityResponse>(Buffer.from(bytes))
}

async function readShared(path: string): Promise<SharedArrayBuffer> {
  const file = await open(path)
  try {
    const { size } = await file.stat()
    const bytes = new SharedArrayBuffer(size)
    for (let at = 0; at < size; ) {
      const { bytesRead } = await file.read(Buffer.from(bytes), at, size - at, at)
      if (bytesRead === 0) throw new Error('it became shorter while it was read')
      at += bytesRead
    }
    return bytes
  } finally {
    await file.close()
  }
}

/** What stands between the tree and the data. */
const separatorBytes = 16

/** One that is cut, or mixed of two, would give wrong places without a word. */
function checkDatabase(bytes: SharedArrayBuffer): void {
  const reader = openReader(bytes)
  const { databaseType, searchTreeSize } = reader.metadata
  const separator = new Uint8Array(bytes).subarray(searchTreeSize, searchTreeSize + separatorBytes)
  if (separator.length < separatorBytes || separator.some((byte) => byte !== 0)) {
    throw new Error('it is damaged: its parts are not where its metadata says')
  }
  if (!/city|country|enterprise|location/i.test(databaseType)) {
    throw new Error(`it is of the type ${databaseType}, which knows no places`)
  }
  reader.get('1.1.1.1')
}
