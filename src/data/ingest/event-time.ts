import { aheadMsMax, oldestTimeMs, trackAgeMsMax } from './limits.ts'

export interface TimeRules {
  nowMs: number
  /** Absent: the event happened now. */
  required: boolean
  /** Before this an event is refused, in words that `oldestAllowed` gives. */
  oldestMs: number
  oldestAllowed: string
}

export function importTimeRules(nowMs: number): TimeRules {
  return { nowMs, required: true, oldestMs: oldestTimeMs, oldestAllowed: 'must not be before 1971-01-01' }
}

export function trackTimeRules(nowMs: number): TimeRules {
  return {
    nowMs,
    required: false,
    oldestMs: nowMs - trackAgeMsMax,
    oldestAllowed: 'must be within the last 5 days on /track; send older events to /import',
  }
}

/** Larger numbers are milliseconds: as seconds they would lie past the year 5138. */
const secondsMax = 1e11
/** Decimal text of a time has at most this many characters. */
const timeTextLengthMax = 32
const decimal = /^\d+(\.\d+)?$/
const unitAllowed = 'must be specified as seconds or milliseconds since the epoch, as a number'

/** The event's time in whole milliseconds since the epoch, or what is allowed instead. */
export function readEventTime(time: unknown, rules: TimeRules): number | string {
  if (time === undefined && !rules.required) return wholeSecond(rules.nowMs)
  const number = toNumber(time)
  if (number === undefined) return unitAllowed
  const timeMs = toMilliseconds(number)
  if (timeMs < rules.oldestMs) return rules.oldestAllowed
  if (timeMs > rules.nowMs + aheadMsMax) return "must not be more than one hour ahead of the server's clock"
  return timeMs > rules.nowMs ? wholeSecond(rules.nowMs) : timeMs
}

function toNumber(time: unknown): number | undefined {
  if (typeof time === 'number') return Number.isFinite(time) ? time : undefined
  if (typeof time !== 'string' || time.length > timeTextLengthMax || !decimal.test(time)) return undefined
  return Number(time)
}

/** Cuts what is finer than a millisecond: rounding could move an event into the next hour. */
function toMilliseconds(number: number): number {
  if (number > secondsMax) return Math.floor(number)
  // Seconds with three decimals are rarely a double; half a microsecond makes up for it.
  return Math.floor(number * 1000 + 0.0005)
}

/** The server's own time is given in whole seconds: `mp_event_time_ms` is for what a client knew more exactly. */
function wholeSecond(timeMs: number): number {
  return Math.floor(timeMs / 1000) * 1000
}
