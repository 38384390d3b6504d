/**
 * Refuses what is past a project's quota. What is stored is counted by the commits themselves, for all processes; here stands
 * what was read of that a moment ago, and what this process has let in since:
 *
 *   let in (may be stored or not) ──stored──▶ settled (perhaps not in the count that was read) ──read again──▶ counted
 *        └──not stored──▶ gone
 *
 * A process lets in a tenth of what it found left, and reads again: so no more gets past a quota than is on its way in other
 * processes, however many there are up to ten.
 */
import type { Clock } from '../../clock.ts'
import type { OwnQuota, Quota } from '../../control/projects/quota.ts'
import { quotaOf } from '../../control/projects/quota.ts'
import type { Amount, ProjectUsage } from '../../data/store/project-usage.ts'
import type { ProjectId } from '../../ids.ts'
import { RetryLater } from './retry-later.ts'

interface QuotaProject {
  id: ProjectId
  quota: OwnQuota
}

export interface QuotaGuard {
  /** Refuses a project that was found at its end a moment ago: to be asked before a body is read. */
  check(project: QuotaProject): void
  /**
   * Lets an amount in, or refuses it. What was let in must be said to be over.
   * @throws RetryLater INGEST_QUOTA_EXCEEDED
   */
  letIn(project: QuotaProject, amount: Amount): Promise<(isStored: boolean) => void>
}

interface Known {
  usage: ProjectUsage
  readAtMs: number
  letIn: Amount
  settled: Amount
}

/** How long a count is good. */
const memoryMs = 2000
/** Of what was left of a quota, what this process may let in before it reads the count again. */
const unreadShare = 0.1
const projectsMax = 10_000

export function createQuotaGuard(
  clock: Clock,
  settings: Quota,
  readUsage: (project: ProjectId) => Promise<ProjectUsage>,
): QuotaGuard {
  const projects = new Map<ProjectId, Known>()
  const reading = new Map<ProjectId, Promise<Known>>()

  const read = async (id: ProjectId): Promise<Known> => {
    const before = projects.get(id)
    const settledBefore = { ...(before?.settled ?? nothing) }
    const readAtMs = clock.nowMs()
    const usage = await readUsage(id)
    const known = projects.get(id) ?? { usage, readAtMs, letIn: { ...nothing }, settled: { ...nothing } }
    // What had been stored before the question is in the answer.
    add(known.settled, settledBefore, -1)
    Object.assign(known, { usage, readAtMs })
    projects.delete(id)
    projects.set(id, known)
    const [oldest] = projects.keys()
    if (projects.size > projectsMax && oldest !== undefined) projects.delete(oldest)
    return known
  }
  /** Those who ask at once share an answer that was not begun before they asked. */
  const readAfresh = async (id: ProjectId): Promise<Known> => {
    await reading.get(id)?.catch(() => undefined)
    const begun = reading.get(id)
    if (begun !== undefined) return await begun
    const answer = read(id).finally(() => reading.delete(id))
    reading.set(id, answer)
    return await answer
  }
  const isFresh = ({ readAtMs }: Known): boolean => {
    const ageMs = clock.nowMs() - readAtMs
    return ageMs >= 0 && ageMs < memoryMs
  }

  return {
    check: ({ id, quota }) => {
      const known = projects.get(id)
      if (known === undefined || !isFresh(known)) return
      const over = findOver(known, quotaOf(quota, settings), nothing)
      if (over !== undefined) throw refusal(over)
    },
    letIn: async ({ id, quota }, amount) => {
      const bounds = quotaOf(quota, settings)
      if (Object.values(bounds).every((max) => max === undefined)) return () => {}
      let known = projects.get(id)
      if (known === undefined || !isFresh(known) || !isWithinShare(known, bounds, amount))
        known = await readAfresh(id)
      const over = findOver(known, bounds, amount)
      if (over !== undefined) throw refusal(over)
      add(known.letIn, amount, 1)
      const holder = known
      return (isStored) => {
        add(holder.letIn, amount, -1)
        if (isStored) add(holder.settled, amount, 1)
      }
    },
  }
}

const nothing: Amount = { events: 0, bytes: 0 }

function add(sum: Amount, amount: Amount, sign: 1 | -1): void {
  sum.events += sign * amount.events
  sum.bytes += sign * amount.bytes
}

interface Over {
  used: number
  max: number
  more: number
  unit: keyof Amount
  period: 'day' | 'month'
  leftMs: number
}

interface Bound {
  max: number
  counted: number
  /** Let in here, and not known to be counted. */
  uncounted: number
  unit: keyof Amount
  period: 'day' | 'month'
}

/** The longer period first: who is told to wait for a day must not be told then to wait for a month. */
function boundsOf({ usage, letIn, settled }: Known, quota: Quota): Bound[] {
  return (['month', 'day'] as const).flatMap((period) =>
    (['events', 'bytes'] as const).flatMap((unit) => {
      const max = quota[`${unit}Per${period === 'day' ? 'Day' : 'Month'}Max`]
      const counted = usage[period][unit]
      return max === undefined ? [] : [{ max, counted, uncounted: letIn[unit] + settled[unit], unit, period }]
    }),
  )
}

function isWithinShare(known: Known, quota: Quota, amount: Amount): boolean {
  return boundsOf(known, quota).every(
    ({ max, counted, uncounted, unit }) => uncounted + amount[unit] <= (max - counted) * unreadShare,
  )
}

/** The bound past which the amount would go; of an amount of nothing, one that is reached. */
function findOver(known: Known, quota: Quota, amount: Amount): Over | undefined {
  const over = boundsOf(known, quota).find(({ max, counted, uncounted, unit }) =>
    amount[unit] === 0 ? counted + uncounted >= max : counted + uncounted + amount[unit] > max,
  )
  if (over === undefined) return undefined
  const { max, counted, uncounted, unit, period } = over
  return {
    used: counted + uncounted,
    max,
    more: amount[unit],
    unit,
    period,
    leftMs: known.usage[`${period}LeftMs`],
  }
}

function refusal({ used, max, more, unit, period, leftMs }: Over): RetryLater {
  const number = (value: number) => value.toLocaleString('en-US')
  const asked = more === 0 ? '' : `, and this request has ${number(more)}`
  return new RetryLater(
    'INGEST_QUOTA_EXCEEDED',
    `the project has sent in ${number(used)} of the ${number(max)} ${unit} that it may a ${period} (UTC)${asked}: send it again when the ${period} is over, or ask the operator for more`,
    Math.max(1, Math.ceil(leftMs / 1000)),
  )
}
