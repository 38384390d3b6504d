/** Answers of the HTTP API, made up: for a page that shall show what a real server has only after months, or never. */
import type { z } from 'zod'
import type { SessionAnswer } from '../../../src/http/contract/console-session.ts'
import type { FolderCell, FolderState, FoldersAnswer } from '../../../src/http/contract/folder-calendar.ts'
import type { manifestAnswer, PipelineJob } from '../../../src/http/contract/pipeline-answers.ts'

export const fakeSession: SessionAnswer = {
  username: null,
  projects: [
    {
      project_id: 1,
      name: 'shop',
      token: '0f0e0d0c0b0a09080706050403020100',
      timezone: 'Europe/Berlin',
      role: 'secret',
      may_manage: true,
    },
  ],
  expires_at: '2024-03-01T20:00:00Z',
}

/** Pipelines of every state, one after the other. */
export function fakeJobs(count: number): PipelineJob[] {
  return Array.from({ length: count }, (_, index) => {
    const failed = index % 7 === 3 ? 2 : 0
    return {
      name: `events-daily-s3-raw-${index + 1}`,
      Dispatcher: index % 5 === 0 ? 'backfill' : 'live',
      last_dispatched: '2024-03-01 00:30:00 Europe/Berlin',
      frequency: index % 2 === 0 ? 'daily' : 'hourly',
      sync_enabled: 'true',
      state: index % 11 === 5 ? 'paused' : 'active',
      ...(index % 4 === 1 ? { where: 'properties["plan"] == "company" and properties["total"] > 100' } : {}),
      progress: {
        folders_done: 40 + index,
        folders_to_do: index % 5 === 0 ? 12 : failed,
        folders_failed: failed,
        events_done: 1_204_310 * (index + 1),
        bytes_done: 91_832_210 * (index + 1),
      },
    }
  })
}

interface FakeFolders {
  frequency: 'daily' | 'hourly'
  from: string
  to: string
  /** Everything after it is not due. */
  today: string
  /** States that differ from "delivered", by folder: `2024-02-20`, `2024-02-20T07`. */
  states?: Record<string, FolderState>
}

/** A pipeline as `folders` tells it, whatever range is asked for. */
export function fakeFolders(fake: FakeFolders, query: URLSearchParams): FoldersAnswer {
  const by = query.get('by') === 'month' ? 'month' : 'folder'
  const from = latest(fake.from, query.get('from_date') ?? fake.from)
  const to = [query.get('to_date') ?? fake.today, fake.to].sort()[0] ?? fake.to
  const folders = daysOf(from, to).flatMap((date) => foldersOf(date, fake))
  const cells = by === 'month' ? months(folders) : folders
  const sum = (field: 'events' | 'bytes' | 'files' | 'duplicates') =>
    folders.reduce((all, cell) => all + cell[field], 0)
  const outstanding =
    48_211 * folders.filter(({ state }) => state !== 'delivered' && state !== 'not_due').length
  return {
    name: query.get('name') ?? '',
    project_id: 1,
    timezone: 'Europe/Berlin',
    state: 'active',
    frequency: fake.frequency,
    pipeline_from_date: fake.from,
    pipeline_to_date: null,
    selects_all: true,
    sync_enabled: true,
    destination: {
      s3_bucket: 'acme-events',
      s3_region: 'us-west-2',
      s3_prefix: 'raw',
      s3_role: 'arn:aws:iam::222222222222:role/penstock-export',
      s3_encryption: 'kms',
      s3_kms_key_id: null,
    },
    from_date: from,
    to_date: to,
    by,
    cells,
    totals: {
      folders: countStates(folders),
      events_in_store: sum('events') + sum('duplicates') + outstanding,
      events_not_due: 0,
      events_delivered: sum('events'),
      bytes_delivered: sum('bytes'),
      files: sum('files'),
      duplicates: sum('duplicates'),
      events_outstanding: outstanding,
    },
  }
}

function foldersOf(date: string, fake: FakeFolders): FolderCell[] {
  if (fake.frequency === 'daily') return [folder(date, undefined, fake)]
  return Array.from({ length: 24 }, (_, hour) => folder(date, String(hour).padStart(2, '0'), fake))
}

function folder(date: string, hour: string | undefined, { states, today }: FakeFolders): FolderCell {
  const id = hour === undefined ? date : `${date}T${hour}`
  const state = date >= today ? 'not_due' : (states?.[id] ?? 'delivered')
  const holds = state === 'delivered' || state === 'late_pending'
  const events = holds ? amountOf(id) : 0
  return {
    date,
    ...(hour === undefined ? {} : { hour }),
    state,
    events,
    bytes: events * 76,
    files: holds ? Math.ceil(events / 400_000) : 0,
    duplicates: Math.floor(events / 9000),
    ...(holds ? { exported_at: `${addDays(date, 1)}T00:30:04+01:00` } : {}),
    ...(state === 'not_due' ? { due_at: `${addDays(date, 1)}T00:30:00+01:00` } : {}),
    ...(state === 'failed'
      ? {
          error: { code: 'S3_PUT_DENIED', message: 'bucket acme-events: s3:PutObject is denied to the role' },
        }
      : {}),
  }
}

/** Fewer at weekends and by night, none on one day; the same for the same folder. */
function amountOf(id: string): number {
  const [date = '', hour] = id.split('T')
  const day = Date.parse(`${date}T00:00:00Z`) / 86_400_000
  if (day % 29 === 7) return 0
  const weekend = (day + 3) % 7 >= 5 ? 0.2 : 1
  const night =
    hour === undefined ? 1 : 0.03 + Math.max(0, Math.sin(((Number(hour) - 5) / 20) * Math.PI)) / 14
  return Math.floor(90_000 * weekend * night * (1 + ((day * 7919) % 100) / 60))
}

function months(folders: FolderCell[]): FolderCell[] {
  const attention: FolderState[] = ['failed', 'running', 'late_pending', 'pending', 'delivered', 'not_due']
  return [...Map.groupBy(folders, ({ date }) => date.slice(0, 7))].map(([date, cells]) => {
    const counts = countStates(cells)
    return {
      date,
      state: attention.find((state) => counts[state] !== undefined) ?? 'not_due',
      folders: counts,
      events: cells.reduce((all, cell) => all + cell.events, 0),
      bytes: cells.reduce((all, cell) => all + cell.bytes, 0),
      files: cells.reduce((all, cell) => all + cell.files, 0),
      duplicates: cells.reduce((all, cell) => all + cell.duplicates, 0),
    }
  })
}

function countStates(cells: FolderCell[]): FoldersAnswer['totals']['folders'] {
  const counts: FoldersAnswer['totals']['folders'] = {}
  for (const { state } of cells) counts[state] = (counts[state] ?? 0) + 1
  return counts
}

export function fakeManifest(date: string, fileCount: number): z.output<typeof manifestAnswer> {
  const times = { first_time: `${date}T00:00:03.000Z`, last_time: `${date}T23:59:41.000Z` }
  const files = Array.from({ length: fileCount }, (_, index) => ({
    name: `part-${String(index).padStart(5, '0')}-5d3a0c11.json.gz`,
    events: 400_000,
    bytes: 30_400_000,
    crc32: '5d3a0c11',
    ...times,
  }))
  return {
    pipeline: 'events-daily-s3-raw-1',
    project_id: 1,
    folder: `raw/1/${date.replaceAll('-', '/')}/full_day/`,
    date,
    timezone: 'Europe/Berlin',
    commit_seen: 48_210,
    duplicates_removed: 12,
    events: 400_000 * fileCount,
    bytes: 30_400_000 * fileCount,
    ...times,
    files,
    exported_at: `${addDays(date, 1)}T00:30:04+01:00`,
  }
}

function latest(one: string, other: string): string {
  return one > other ? one : other
}

function addDays(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10)
}

function daysOf(from: string, to: string): string[] {
  const days: string[] = []
  for (let date = from; date <= to; date = addDays(date, 1)) days.push(date)
  return days
}
