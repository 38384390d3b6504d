import { isDeepStrictEqual } from 'node:util'
import { exactSum, isExactNumber } from '../exact-numbers/exact-sum.ts'
import type { ProfileUpdate } from './profile-update.ts'

export type Properties = Record<string, unknown>

/**
 * A profile's properties after an update; undefined for a profile that is not there (any more). What an operation can't be
 * done to (adding to a text, appending to a number) stays as it is, as in Mixpanel's reference.
 */
export function applyUpdate(before: Properties | undefined, update: ProfileUpdate): Properties | undefined {
  if (update.isDelete) return undefined
  const after = copyOf(before ?? {})
  for (const [name, value] of Object.entries(update.set)) after[name] = value
  for (const [name, value] of Object.entries(update.setOnce)) {
    if (after[name] === undefined) after[name] = value
  }
  for (const [name, by] of Object.entries(update.add)) {
    const value = after[name] ?? 0
    if (isExactNumber(value)) after[name] = exactSum(value, by) ?? value
  }
  for (const [name, element] of Object.entries(update.append)) {
    changeList(after, name, (list) => [...list, element])
  }
  for (const [name, elements] of Object.entries(update.union)) {
    changeList(after, name, (list) => elements.reduce<unknown[]>(withElement, list))
  }
  for (const [name, element] of Object.entries(update.remove)) {
    if (Array.isArray(after[name]))
      changeList(after, name, (list) => list.filter((other) => !isSame(other, element)))
  }
  for (const [name, members] of Object.entries(update.merge)) mergeInto(after, name, members)
  for (const name of update.unset) delete after[name]
  if (update.seenMs !== null) after.$last_seen = new Date(update.seenMs).toISOString().slice(0, 19)
  return after
}

/** Without a prototype: a property may be named __proto__. */
function copyOf(properties: Properties): Properties {
  const copy: Properties = Object.create(null)
  for (const [name, value] of Object.entries(properties)) copy[name] = value
  return copy
}

function changeList(properties: Properties, name: string, change: (list: unknown[]) => unknown[]): void {
  const list = properties[name] ?? []
  if (Array.isArray(list)) properties[name] = change(list)
}

function mergeInto(properties: Properties, name: string, members: Properties): void {
  const object = properties[name] ?? {}
  if (isObject(object)) properties[name] = { ...object, ...members }
}

function withElement(list: unknown[], element: unknown): unknown[] {
  return list.some((other) => isSame(other, element)) ? list : [...list, element]
}

function isObject(value: unknown): value is Properties {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !JSON.isRawJSON(value)
}

function isSame(left: unknown, right: unknown): boolean {
  return isDeepStrictEqual(left, right)
}
