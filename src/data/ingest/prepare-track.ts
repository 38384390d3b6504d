/** Turns a /track request into a batch for each token that its events name. */
import { randomUUID } from 'node:crypto'
import type { RequestPlaces } from '../../places/find-place.ts'
import { BatchBuilder, type BatchColumns } from './batch-builder.ts'
import type { FailedRecord } from './event-problem.ts'
import { trackTimeRules } from './event-time.ts'
import { requestProjectsMax } from './limits.ts'
import { orRefusal, type RequestRefusal } from './request-refusal.ts'
import { addEvent, takeRecords } from './take-records.ts'
import { tooManyProjects } from './too-many-projects.ts'
import { findPlaceOf, readTrackData, readTrackSource, type TrackSource } from './track-data.ts'

export interface TrackInput {
  nowMs: number
  source: TrackSource
  places?: RequestPlaces | undefined
}

/** Valid events of one project. */
interface TokenGroup {
  token: string
  columns: BatchColumns
  /** Places of its events in the request. */
  indexes: number[]
}

export interface PreparedTrack {
  groups: TokenGroup[]
  failed: FailedRecord[]
  /** The token that each of them names; empty where it names none. */
  failedTokens: string[]
  /** Events in the request. */
  count: number
  /** Fields of a form beside `data`. */
  fields: Map<string, string>
}

export function prepareTrack(input: TrackInput): PreparedTrack | { refused: RequestRefusal } {
  return orRefusal(() => prepare(input))
}

function prepare({ source, nowMs, places }: TrackInput): PreparedTrack {
  const { data, fields } = readTrackSource(source)
  const records = readTrackData(data)
  const groups = createGroups(data?.length ?? 0)
  const rules = { time: trackTimeRules(nowMs), idsRequired: false, tokenRequired: true }
  const options = { rules, nowMs, newInsertId: randomUUID, findPlace: findPlaceOf(places, fields) }
  const failed = takeRecords(records, options, (event, index) => {
    // checkEvent has made sure that the token is a string.
    const { builder, indexes } = groups.of(String(event.token))
    addEvent(builder, event)
    indexes.push(index)
  })
  fields.delete('data')
  const failedTokens = failed.map(({ index }) => tokenOf(records.value(index)))
  return { groups: groups.finish(), failed, failedTokens, count: records.count, fields }
}

/** As far as a record that was refused has one. */
function tokenOf(record: unknown): string {
  const properties = isObject(record) ? record.properties : undefined
  const token = isObject(properties) ? properties.token : undefined
  return typeof token === 'string' ? token : ''
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

interface OpenGroup {
  builder: BatchBuilder
  indexes: number[]
}

function createGroups(dataLength: number) {
  const groups = new Map<string, OpenGroup>()
  const open = (token: string): OpenGroup => {
    if (groups.size === requestProjectsMax) throw tooManyProjects()
    // Nearly every request names one project: its buffer need not grow.
    const group = { builder: new BatchBuilder(groups.size === 0 ? dataLength : 0), indexes: [] }
    groups.set(token, group)
    return group
  }
  return {
    of: (token: string): OpenGroup => groups.get(token) ?? open(token),
    finish: (): TokenGroup[] =>
      [...groups].map(([token, { builder, indexes }]) => ({ token, columns: builder.finish(), indexes })),
  }
}
