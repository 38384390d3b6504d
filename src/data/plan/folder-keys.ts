import { PenstockError } from '../../errors/penstock-error.ts'
import type { Member } from '../store/member.ts'
import { type EntryLayout, entryLayout } from './key-entries.ts'
import { Locations } from './locations.ts'
import { type PlanSizes, planSizes } from './plan-sizes.ts'

/** How a folder's keys are looked through. */
export interface FolderKeys {
  locations: Locations
  layout: EntryLayout
  sizes: PlanSizes
}

/** As many lines as 32 bits tell apart. */
const linesMax = 2 ** 32

/** @throws PenstockError `FOLDER_TOO_LARGE` for a folder of more than 2^32 lines. */
export function folderKeys(members: readonly Member[], keysInMemoryMax: number): FolderKeys {
  const locations = new Locations(members)
  if (locations.count > linesMax) {
    throw new PenstockError(
      'outside',
      'FOLDER_TOO_LARGE',
      `a folder has ${locations.count} events, of which one export can tell ${linesMax} apart: export by the hour, or spread the events over several projects`,
    )
  }
  const sizes = planSizes(keysInMemoryMax)
  return { locations, sizes, layout: entryLayout(locations.count, sizes) }
}
