/** What a thread looks up in the database of places. */
import { isIP, isIPv6 } from 'node:net'
import type { CityResponse, Reader } from 'mmdb-lib'
import { openReader, type PlaceDatabase } from './place-database.ts'

/** Of an address; undefined what the database does not know of it. */
export interface Place {
  city: string | undefined
  region: string | undefined
  /** Two letters of ISO 3166-1. */
  countryCode: string | undefined
}

/** What a request brings along for the places of its records. */
export interface RequestPlaces {
  database: PlaceDatabase
  /** Of the client. */
  peerAddress: string
  /** Whether records without an address of their own are from there. */
  usesPeer: boolean
}

/** @param address as the record has it; undefined where it has none */
export type FindPlace = (address: unknown) => Place | undefined

/** Undefined where the operator gives no database. */
export function createFindPlace(places: RequestPlaces | undefined): FindPlace | undefined {
  if (places === undefined) return undefined
  const { database, peerAddress, usesPeer } = places
  // A request's events are of few addresses, and of no more than it may have events.
  const found = new Map<string, Place | undefined>()
  const lookUp = (address: string): Place | undefined => {
    if (!found.has(address)) found.set(address, placeOf(database, address))
    return found.get(address)
  }
  return (address) => {
    // What is no text, such as the 0 that some send for "no address", is no reason to take the client's own.
    if (address !== undefined) return typeof address === 'string' ? lookUp(address) : undefined
    return usesPeer ? lookUp(peerAddress) : undefined
  }
}

/** IPv4 as a socket for both kinds shows it. */
const mapped = /^::ffff:(?=\d+\.)/i

function placeOf(database: PlaceDatabase, sent: string): Place | undefined {
  const address = sent.trim().replace(mapped, '')
  if (isIP(address) === 0) return undefined
  const reader = readerOf(database)
  if (isIPv6(address) && reader.metadata.ipVersion === 4) return undefined
  const record = lookUpSafely(reader, address)
  const place: Place = {
    city: record?.city?.names?.en,
    region: record?.subdivisions?.[0]?.names?.en,
    countryCode: record?.country?.iso_code,
  }
  return Object.values(place).some((part) => part !== undefined) ? place : undefined
}

/** A damaged record costs its place, not the event. */
function lookUpSafely(reader: Reader<CityResponse>, address: string): CityResponse | null {
  try {
    return reader.get(address)
  } catch {
    return null
  }
}

/** Each thread's own view of the shared bytes: replaced when the file was. */
let known: { version: string; reader: Reader<CityResponse> } | undefined

function readerOf({ version, bytes }: PlaceDatabase): Reader<CityResponse> {
  if (known?.version !== version) known = { version, reader: openReader(bytes) }
  return known.reader
}
