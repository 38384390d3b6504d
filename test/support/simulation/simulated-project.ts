/** A project of the simulation: its pipelines, and events as chance sends them, on time, late, and again. */
import type { Random } from '../../../demo/random.ts'
import type { CreatedProject } from '../../../src/control/projects/manage-projects.ts'
import type { SandboxAccount } from '../export-place.ts'
import { basic } from '../pipeline-server.ts'
import { pipelinesClient } from '../pipelines-client.ts'
import type { NaivePipeline, SimulatedEvent } from './naive-folders.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs

export interface SimulatedPipeline extends NaivePipeline {
  name: string
  prefix: string
}

export interface Moment {
  /** Of the clock. */
  nowMs: number
  /** The latest that it has ever shown. */
  latestMs: number
  step: number
}

export interface SimulatedProject extends CreatedProject {
  timeZone: string
  account: SandboxAccount
  events: SimulatedEvent[]
  pipelines: SimulatedPipeline[]
}

/** Creates a daily pipeline, an hourly one of some events if asked, and a daily one of some days that doesn't want late events. */
export async function createPipelines(
  { apiSecret, timeZone, account, pipelines }: SimulatedProject,
  url: string,
  { nowMs, days, hourly }: { nowMs: number; days: number; hourly: boolean },
): Promise<void> {
  const client = pipelinesClient(url, apiSecret)
  const dateOf = (ms: number) => new Date(ms).toISOString().slice(0, 10)
  const create = async (
    form: Record<string, string | string[]>,
    rules: Pick<SimulatedPipeline, 'frequency' | 'sync' | 'wants'>,
    fromDate: string,
    toDate?: string,
  ): Promise<void> => {
    const prefix = `simulated/${pipelines.length}`
    const name = await client.create({
      type: 's3-raw',
      from_date: fromDate,
      ...(toDate === undefined ? { frequency: rules.frequency } : { to_date: toDate }),
      s3_bucket: account.bucketName,
      s3_region: account.region,
      s3_role: account.role,
      s3_prefix: prefix,
      ...form,
    })
    const asked = { name, prefix, fromDate, ...(toDate === undefined ? {} : { toDate }) }
    pipelines.push({ ...asked, ...rules, timeZone, createdMs: nowMs })
  }
  await create(
    { s3_encryption: 'aes' },
    { frequency: 'daily', sync: true, wants: () => true },
    dateOf(nowMs - 20 * dayMs),
  )
  if (hourly) {
    await create(
      { events: ['Viewed', 'Bought'], where: 'properties["amount"] > 30' },
      { frequency: 'hourly', sync: true, wants: ({ name, amount }) => name !== 'Opened' && amount > 30 },
      dateOf(nowMs - dayMs),
    )
  }
  await create(
    { sync: 'false' },
    { frequency: 'daily', sync: false, wants: () => true },
    dateOf(nowMs - 4 * dayMs),
    dateOf(nowMs + (days - 2) * dayMs),
  )
}

/** Sends what chance gives, in one request: now and then nothing. */
export async function sendEvents(
  { apiSecret, events }: SimulatedProject,
  url: string,
  moment: Moment,
  random: Random,
): Promise<void> {
  const sent = Array.from({ length: random.whole(0, 6) }, (_, index) => ({
    ...newEvent(events, moment, random),
    line: events.length + index,
  }))
  if (sent.length === 0) return
  await importEvents(url, apiSecret, sent)
  events.push(...sent)
}

/** Events of the twenty days before the beginning, at about so many a day. */
export async function sendHistory(
  { apiSecret, events }: SimulatedProject,
  url: string,
  moment: Moment,
  random: Random,
): Promise<void> {
  const sent = Array.from({ length: 120 }, (_, line) => ({
    ...eventAt(moment.nowMs - random.whole(0, 20 * dayMs), moment, random),
    line,
  }))
  await importEvents(url, apiSecret, sent)
  events.push(...sent)
}

type NewEvent = Omit<SimulatedEvent, 'line'>

/** On time, late by up to a week, too late for a sync, or a newer line of an event that was sent before. */
function newEvent(events: readonly SimulatedEvent[], moment: Moment, random: Random): NewEvent {
  const kind = random.next()
  if (kind < 0.2) {
    const again = events[random.whole(Math.max(0, events.length - 150), events.length)]
    const days = again === undefined ? 10 : (moment.latestMs - again.timeMs) / dayMs
    // Where the clock was set back, what was sent before may be of an hour that is yet to come, and would be refused.
    const isOver = again !== undefined && again.timeMs <= moment.nowMs
    // The edge of the days that are synced is left alone.
    if (isOver && (days < 7 || days > 14))
      return { ...again, amount: random.whole(0, 100), ...stampOf(moment) }
  }
  if (kind < 0.4) return eventAt(moment.nowMs - random.whole(0, 7 * dayMs), moment, random)
  if (kind < 0.43) return eventAt(moment.latestMs - random.whole(14 * dayMs, 18 * dayMs), moment, random)
  return eventAt(moment.nowMs - random.whole(0, 2 * hourMs), moment, random)
}

function eventAt(timeMs: number, moment: Moment, random: Random): NewEvent {
  return {
    name: random.skewed(['Viewed', 'Bought', 'Opened']),
    timeMs: Math.floor(timeMs / 1000) * 1000,
    distinctId: random.skewed(['ann', 'bob', 'cy']),
    insertId: `i-${random.whole(0, 1000)}`,
    amount: random.whole(0, 100),
    ...stampOf(moment),
  }
}

function stampOf({ latestMs, step }: Moment) {
  return { sentMs: latestMs, step }
}

async function importEvents(url: string, secret: string, events: SimulatedEvent[]): Promise<void> {
  const answer = await fetch(`${url}/import?strict=1`, {
    method: 'POST',
    headers: { authorization: basic(`${secret}:`), 'content-type': 'application/json' },
    body: JSON.stringify(events.map(importedEvent)),
  })
  if (answer.status !== 200) throw new Error(`/import: ${answer.status} ${await answer.text()}`)
}

function importedEvent({ name, timeMs, distinctId, insertId, amount, line }: SimulatedEvent) {
  const ids = { time: timeMs / 1000, distinct_id: distinctId, $insert_id: insertId }
  return { event: name, properties: { ...ids, amount, line } }
}
