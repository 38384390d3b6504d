/** Every setting of its own that Penstock reads, by what it is about; `AWS_*` are read by the AWS SDK itself. */
import type { z } from 'zod'
import { destinations } from './settings/destinations.ts'
import { eventStore } from './settings/event-store.ts'
import { ingest } from './settings/ingest.ts'
import { notifications } from './settings/notifications.ts'
import { pipelines } from './settings/pipelines.ts'
import { reading } from './settings/reading.ts'
import { serving } from './settings/serving.ts'
import { storage } from './settings/storage.ts'

/** As `serve --help` lists them. */
export const settingsByTheme = {
  Serving: serving,
  'Database and event store': storage,
  'Taking events in': ingest,
  'What becomes of stored events': eventStore,
  "Customers' buckets": destinations,
  'Pipelines and their runs': pipelines,
  'Console, searches, raw exports': reading,
  Notifications: notifications,
} as const

export const settings = {
  ...serving,
  ...storage,
  ...ingest,
  ...eventStore,
  ...destinations,
  ...pipelines,
  ...reading,
  ...notifications,
} as const

export type Config = {
  readonly [Name in keyof typeof settings]: (typeof settings)[Name]['default'] extends undefined
    ? z.output<(typeof settings)[Name]['schema']> | undefined
    : z.output<(typeof settings)[Name]['schema']>
}
