/** The rules for one record of /engage or /groups. */
import { decimalOf, type ExactNumber, exactNumberOf, isExactNumber } from '../exact-numbers/exact-sum.ts'
import type { FindPlace, Place } from '../places/find-place.ts'
import type { ProfileUpdate } from './profile-update.ts'

export interface UpdateProblem {
  field: string
  message: string
}

export interface CheckedUpdate {
  token: string
  update: ProfileUpdate
}

/** `/engage` changes users, `/groups` groups. */
export type ProfileKind = 'user' | 'group'

export interface UpdateRules {
  kind: ProfileKind
  nowMs: number
  /** Undefined where the operator gives no database of places. */
  findPlace: FindPlace | undefined
}

/** A profile is kept as one value: names and ids stay short, and one update stays below a request's size. */
const idLengthMax = 255
const propertiesMax = 2000
const operations = [
  '$set',
  '$set_once',
  '$add',
  '$append',
  '$union',
  '$remove',
  '$merge',
  '$unset',
  '$delete',
] as const

/**
 * @param record as JSON.parse gave it
 * @param exact the same with every digit of its numbers kept, where `record` has lost some
 */
export function checkUpdate(
  record: unknown,
  { kind, nowMs, findPlace }: UpdateRules,
  exact: unknown = record,
): CheckedUpdate | UpdateProblem {
  if (!isObject(record)) return problem('record', 'each record must be a JSON object')
  const { $token: token } = record
  if (typeof token !== 'string' || token === '')
    return problem('$token', 'must be the token of a project here')
  const whole = exact as Record<string, unknown>
  const name = kind === 'user' ? userName(whole) : groupName(whole)
  if ('message' in name) return name
  if (!operations.some((operation) => record[operation] !== undefined)) {
    return problem('record', `must hold at least one of ${operations.join(', ')}`)
  }
  const found = badOperation(record)
  if (found !== undefined) return found
  const update = { ...name, ...readOperations(whole), seenMs: seenTime(record, kind, nowMs) }
  // A group is nowhere.
  if (kind === 'user') addPlace(update.set, findPlace?.(record.$ip))
  return { token, update }
}

/** Where the user was when the update was sent; a client that says so itself knows better. */
function addPlace(set: Record<string, unknown>, place: Place | undefined): void {
  const parts = { $city: place?.city, $region: place?.region, $country_code: place?.countryCode }
  for (const [name, part] of Object.entries(parts)) {
    if (part !== undefined && set[name] === undefined) set[name] = part
  }
}

function userName(record: Record<string, unknown>) {
  const id = readId(record.$distinct_id)
  if (id === undefined) return problem('$distinct_id', idAllowed)
  return { groupKey: '', id }
}

function groupName(record: Record<string, unknown>) {
  const groupKey = readId(record.$group_key)
  if (groupKey === undefined || groupKey === '') return problem('$group_key', `${idAllowed}, not empty`)
  const id = readId(record.$group_id)
  if (id === undefined) return problem('$group_id', idAllowed)
  return { groupKey, id }
}

const idAllowed = `must be a string of at most ${idLengthMax} characters, without NUL and unpaired surrogates, or a number`

function readId(value: unknown): string | undefined {
  const id = isExactNumber(value) ? decimalOf(value) : value
  if (typeof id !== 'string' || id.length > idLengthMax) return undefined
  // Ids are looked up in a database that takes neither.
  return id.includes('\0') || !id.isWellFormed() ? undefined : id
}

function badOperation(record: Record<string, unknown>): UpdateProblem | undefined {
  for (const operation of operations) {
    const value = record[operation]
    if (value === undefined || operation === '$delete') continue
    if (operation === '$unset') {
      if (!isNames(value)) return problem('$unset', 'must be a property name or an array of them')
    } else if (!isObject(value)) return problem(operation, 'must be a JSON object of properties')
    else if (Object.keys(value).length > propertiesMax) {
      return problem(operation, `must have at most ${propertiesMax} properties`)
    } else if (operation === '$add' && !Object.values(value).every(isNumeric)) {
      return problem('$add', 'must have numbers as its values')
    } else if (operation === '$merge' && !Object.values(value).every(isObject)) {
      return problem('$merge', 'must have JSON objects as its values')
    }
  }
  return undefined
}

/** The SDKs let numbers through that are texts. */
function isNumeric(value: unknown): boolean {
  if (typeof value === 'string') return value.trim() !== '' && Number.isFinite(Number(value))
  return typeof value === 'number' && Number.isFinite(value)
}

function isNames(value: unknown): boolean {
  return [value].flat().every((name) => typeof name === 'string')
}

function readOperations(record: Record<string, unknown>): Omit<ProfileUpdate, 'groupKey' | 'id' | 'seenMs'> {
  return {
    // Its value says nothing: SDKs send an empty text.
    isDelete: record.$delete !== undefined,
    set: properties(record.$set),
    setOnce: properties(record.$set_once),
    add: mapValues(properties(record.$add), summand),
    append: properties(record.$append),
    union: mapValues(properties(record.$union), (value) => [value].flat()),
    remove: properties(record.$remove),
    merge: mapValues(properties(record.$merge), properties),
    unset: record.$unset === undefined ? [] : ([record.$unset].flat() as string[]),
  }
}

function summand(value: unknown): ExactNumber {
  return isExactNumber(value) ? value : exactNumberOf(String(value))
}

/** An address is personal data that is sent to be turned into a place; it is not kept. */
const neverKept = ['$ip', 'ip']

function properties(value: unknown): Record<string, unknown> {
  const kept = Object.entries((value as Record<string, unknown> | undefined) ?? {})
  // Without a prototype: a property may be named __proto__.
  return fromEntries(kept.filter(([name]) => !neverKept.includes(name)))
}

function mapValues<Value>(
  values: Record<string, unknown>,
  change: (value: unknown) => Value,
): Record<string, Value> {
  return fromEntries(Object.entries(values).map(([name, value]): [string, Value] => [name, change(value)]))
}

function fromEntries<Value>(entries: [string, Value][]): Record<string, Value> {
  const object: Record<string, Value> = Object.create(null)
  for (const [name, value] of entries) object[name] = value
  return object
}

/** `$ignore_time` is for updates that are not the user's doing; `$time` for those that are late. */
function seenTime(record: Record<string, unknown>, kind: ProfileKind, nowMs: number): number | null {
  const { $ignore_time: ignored, $time: time } = record
  if (kind === 'group' || ignored === true || ignored === 'true' || ignored === 1 || time === 0) return null
  if (typeof time !== 'number' || !Number.isFinite(time)) return nowMs
  // As for events: what is more than 10^11 can't be seconds.
  const ms = time > 1e11 ? time : time * 1000
  return Math.min(Math.max(0, Math.floor(ms)), nowMs)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function problem(field: string, allowed: string): UpdateProblem {
  return { field, message: field === 'record' ? allowed : `'${field}' is invalid: ${allowed}` }
}
