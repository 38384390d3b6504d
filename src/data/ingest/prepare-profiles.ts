/** Turns a request of /engage or /groups into updates of profiles, for each token that its records name. */
import type { RequestPlaces } from '../../places/find-place.ts'
import { checkUpdate, type ProfileKind } from '../../profiles/check-update.ts'
import type { ProfileUpdate } from '../../profiles/profile-update.ts'
import { type FailedRecord, failedRecord } from './event-problem.ts'
import { requestProjectsMax } from './limits.ts'
import { orRefusal, type RequestRefusal } from './request-refusal.ts'
import { tooManyProjects } from './too-many-projects.ts'
import { findPlaceOf, readTrackData, readTrackSource, type TrackSource } from './track-data.ts'

export interface ProfilesInput {
  kind: ProfileKind
  nowMs: number
  source: TrackSource
  places?: RequestPlaces | undefined
}

/** Updates of one project's profiles, in the order of the request. */
export interface TokenUpdates {
  token: string
  /** ProfileUpdate[] as JSON: numbers of more digits than JavaScript's don't go from thread to thread. */
  updatesJson: string
  /** Places of its updates in the request. */
  indexes: number[]
  /** Of their records. */
  bytes: number
}

type OpenUpdates = Omit<TokenUpdates, 'updatesJson'> & { updates: ProfileUpdate[] }

export interface PreparedProfiles {
  groups: TokenUpdates[]
  failed: FailedRecord[]
  /** Records in the request. */
  count: number
  /** Fields of a form beside `data`. */
  fields: Map<string, string>
}

export function prepareProfiles(input: ProfilesInput): PreparedProfiles | { refused: RequestRefusal } {
  return orRefusal(() => prepare(input))
}

function prepare({ kind, nowMs, source, places }: ProfilesInput): PreparedProfiles {
  const { data, fields } = readTrackSource(source)
  const records = readTrackData(data)
  const findPlace = findPlaceOf(places, fields)
  const groups = new Map<string, OpenUpdates>()
  const failed: FailedRecord[] = []
  const meanBytes = Math.ceil((data?.length ?? 0) / Math.max(1, records.count))
  for (let index = 0; index < records.count; index++) {
    const record = records.value(index)
    const checked = checkUpdate(record, { kind, nowMs, findPlace }, records.exact(index))
    if ('message' in checked) {
      failed.push(failedRecord(index, record, checked))
      continue
    }
    const { token, update } = checked
    const group = groups.get(token) ?? { token, updates: [], indexes: [], bytes: 0 }
    groups.set(token, group)
    if (groups.size > requestProjectsMax) throw tooManyProjects()
    group.updates.push(update)
    group.indexes.push(index)
    group.bytes += meanBytes
  }
  fields.delete('data')
  const finished = [...groups.values()].map(({ updates, ...group }) => ({
    ...group,
    updatesJson: JSON.stringify(updates),
  }))
  return { groups: finished, failed, count: records.count, fields }
}
