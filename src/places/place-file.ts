import type { Logger } from 'pino'
import { watchFiles } from '../file-changes.ts'
import { type PlaceDatabase, readPlaceDatabase } from './place-database.ts'

export interface PlaceFile {
  /** As it was read last. */
  database(): PlaceDatabase
  /** Looks no more for a new one. */
  stop(): Promise<void>
}

/**
 * A file that is replaced is read anew within a minute; one that can't be used leaves the old one in place.
 * @throws PenstockError PLACES_FILE_INVALID when the first one can't be used
 */
export async function openPlaceFile(path: string, log: Logger, intervalMs?: number): Promise<PlaceFile> {
  let database = await readPlaceDatabase(path)
  const stop = watchFiles({
    name: 'the database of places',
    paths: [path],
    log,
    ...(intervalMs !== undefined && { intervalMs }),
    take: async () => {
      database = await readPlaceDatabase(path)
    },
  })
  return { database: () => database, stop }
}
