/** The values of segmentation expressions: those of JSON, moments in time, and undefined. */
import { Moment } from './moment.ts'

export type Value =
  | undefined
  | null
  | boolean
  | number
  | string
  | Moment
  | Value[]
  | { [name: string]: Value }

export type ValueType =
  | 'undefined'
  | 'null'
  | 'boolean'
  | 'number'
  | 'string'
  | 'datetime'
  | 'list'
  | 'object'

export function typeOf(value: Value): ValueType {
  if (value === null) return 'null'
  if (typeof value !== 'object') return typeof value as 'undefined' | 'boolean' | 'number' | 'string'
  if (value instanceof Moment) return 'datetime'
  return Array.isArray(value) ? 'list' : 'object'
}

/** `==`: false where the types differ; lists and objects are equal where their parts are. */
export function equal(left: Value, right: Value): boolean {
  if (left === right) return true
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false
  if (left instanceof Moment || right instanceof Moment) {
    return left instanceof Moment && right instanceof Moment && left.ms === right.ms
  }
  if (Array.isArray(left) || Array.isArray(right)) {
    return Array.isArray(left) && Array.isArray(right) && equalLists(left, right)
  }
  const names = Object.keys(left)
  return (
    names.length === Object.keys(right).length &&
    names.every((name) => Object.hasOwn(right, name) && equal(left[name], right[name]))
  )
}

function equalLists(left: Value[], right: Value[]): boolean {
  return left.length === right.length && left.every((item, index) => equal(item, right[index]))
}
