/** A public website's access log as events, repeated as often as needed with other times and ids. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import type { BenchEvent, EventSet } from './event-set.ts'

/** Where the log is looked for: in a folder beside the repository, whose README says where it comes from. */
const accessLogFile = join(import.meta.dirname, '../../../shared/data/web-access.log.gz')

const shape =
  /^(?<ip>\S+) \S+ \S+ \[[^\]]+\] "(?<method>\S+) (?<target>\S+)[^"]*" (?<status>\d+) (?<bytes>\d+|-) "(?<referrer>[^"]*)" "(?<agent>.*)"$/

const names: [string, RegExp][] = [
  ['Image Loaded', /\.(png|jpe?g|gif|ico|svg)$/i],
  ['Asset Loaded', /\.(css|js)$/i],
  ['Feed Read', /rss|atom|feed/i],
  ['Blog Viewed', /^\/blog/],
  ['Presentation Viewed', /^\/presentations/],
  ['Project Viewed', /^\/projects/],
  ['Page Viewed', /^/],
]

interface Visit {
  event: string
  distinctId: string
  properties: Record<string, unknown>
}

/** Throws where there is no such file. */
export function openAccessLogEvents(file = accessLogFile): EventSet {
  const visits = readVisits(file)
  return {
    name: 'access-log',
    eventNames: names.map(([name]) => name),
    selectedNames: ['Page Viewed', 'Project Viewed', 'Presentation Viewed'],
    conditions: {
      text: {
        where: '"bot" in properties["user_agent"]',
        sql: `contains(json_extract_string(json, '/properties/user_agent'), 'bot')`,
        isMet: ({ properties }) => String(properties.user_agent).includes('bot'),
      },
      number: {
        where: 'properties["bytes"] > 60000',
        sql: `json_extract_string(json, '/properties/bytes')::double > 60000`,
        isMet: ({ properties }) => Number(properties.bytes ?? 0) > 60_000,
      },
    },
    make: (serial, timeSeconds) => makeEvent(visits, serial, timeSeconds),
  }
}

function makeEvent(visits: Visit[], serial: number, timeSeconds: number): BenchEvent {
  const visit = visits[serial % visits.length] as Visit
  return {
    event: visit.event,
    properties: {
      time: timeSeconds,
      distinct_id: visit.distinctId,
      $insert_id: `log-${serial}`,
      ...visit.properties,
    },
  }
}

function readVisits(file: string): Visit[] {
  const lines = gunzipSync(readFileSync(file)).toString().split('\n')
  return lines.flatMap((line) => {
    const groups = shape.exec(line)?.groups
    return groups === undefined ? [] : [readVisit(groups)]
  })
}

function readVisit(groups: Record<string, string | undefined>): Visit {
  const [path = '', query] = (groups.target ?? '').split('?')
  return {
    event: names.find(([, pattern]) => pattern.test(path))?.[0] ?? '',
    distinctId: `visitor-${groups.ip}`,
    properties: {
      method: groups.method,
      path,
      query,
      status: Number(groups.status),
      ...(groups.bytes === '-' ? {} : { bytes: Number(groups.bytes) }),
      ...(groups.referrer === '-' ? {} : { $referrer: groups.referrer }),
      user_agent: groups.agent,
    },
  }
}
