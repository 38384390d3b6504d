/** Every fault at every request of every kind of run: what a cell of the grid is, and what comes of one. */
import { type Sandbox, startSandbox } from '../../sandbox/main.ts'
import type { RequestRecord } from '../../sandbox/request-log.ts'
import { readFolder } from '../../src/control/folders/read-folder.ts'
import type { Destinations } from '../../src/data/deliver/destination.ts'
import { createDestinations } from '../../src/data/deliver/destinations.ts'
import { folderKey } from '../../src/data/plan/folder-key.ts'
import type { LocalHour, PipelineId, ProjectId } from '../../src/ids.ts'
import { destinationTarget } from '../../src/workflows/destination-target.ts'
import { runExport } from '../../src/workflows/run-export.ts'
import { type FolderDifference, verifyFolder } from '../../src/workflows/verify-folder.ts'
import { type BucketReader, openBucket } from './bucket-reader.ts'
import type { TestDatabase } from './database.ts'
import type { TestEvent } from './event-batches.ts'
import type { ExportWorld } from './export-world.ts'
import { insertPipeline, insertProject, insertRun, readRun } from './pipeline-rows.ts'
import { type SandboxControl, sandboxControl } from './sandbox-control.ts'
import { type Customer, exporter, ownerOf, roleOf, worldOfCustomers } from './sandbox-world.ts'
import { silentLog } from './silent-log.ts'

export type RunKindName = 'hourly' | 'daily' | 'late'

export const day = 473_352 as LocalHour
const region = 'us-west-2'
const { signal } = new AbortController()

/** A project with an account of its own, and one folder. */
export interface GridTenant {
  projectId: ProjectId
  pipelineId: PipelineId
  token: string
  customer: Customer
  kind: RunKindName
  window: { localHour: LocalHour; hours: 1 | 24 }
  folder: string
  bucket: BucketReader
  /** What the folder is to hold in the end. */
  sent: TestEvent[]
}

export interface GridPlace {
  database: TestDatabase
  world: ExportWorld
  sandbox: Sandbox
  control: SandboxControl
  tenants: GridTenant[]
  close(): Promise<void>
}

/** One tenant a name of a kind; their accounts are all in one sandbox. */
export async function openGridPlace(
  database: TestDatabase,
  world: ExportWorld,
  kinds: RunKindName[],
  eventsEach = 30,
): Promise<GridPlace> {
  const found: Omit<GridTenant, 'bucket'>[] = []
  for (const [index, kind] of kinds.entries()) found.push(await newTenant(database, index, kind, eventsEach))
  const sandbox = await startSandbox({ world: worldOfCustomers(found.map(({ customer }) => customer)) })
  const tenants = found.map((tenant): GridTenant => {
    const { customer } = tenant
    const access = { url: sandbox.url, region, bucket: customer.bucket, owner: ownerOf(customer) }
    return { ...tenant, bucket: openBucket(access) }
  })
  return {
    ...{ database, world, sandbox, tenants },
    control: sandboxControl(sandbox.url),
    close: async () => {
      for (const { bucket } of tenants) bucket.close()
      await sandbox.close()
    },
  }
}

async function newTenant(database: TestDatabase, index: number, kind: RunKindName, eventsEach: number) {
  const { db } = database
  const projectId = await insertProject(db)
  const { token } = await db
    .selectFrom('project')
    .select('token')
    .where('id', '=', projectId)
    .executeTakeFirstOrThrow()
  const account = String(300_000_000_000 + index)
  const customer = { account, region, bucket: `grid-${index}`, externalId: token }
  const pipelineId = await insertPipeline(db, projectId, {
    frequency: kind === 'hourly' ? 'hourly' : 'daily',
    s3_bucket: customer.bucket,
    s3_region: region,
    s3_prefix: 'raw',
    s3_role: roleOf(customer),
  })
  const window = { localHour: day, hours: kind === 'hourly' ? 1 : 24 } as const
  const folder = folderKey('raw', projectId, window)
  return {
    projectId,
    pipelineId,
    token,
    customer,
    kind,
    window,
    folder,
    sent: eventsOf(window.hours, eventsEach),
  }
}

function eventsOf(hours: number, count: number): TestEvent[] {
  return Array.from({ length: count }, (_, index) =>
    eventAt(index, day * 3600 + Math.floor((index * hours * 3600) / count)),
  )
}

function eventAt(index: number, time: number): TestEvent {
  const properties = { time, distinct_id: 'ann', $insert_id: `id-${index}`, payload: `${Math.sin(index)}` }
  return { event: index % 3 === 0 ? 'Paid' : 'Viewed', properties }
}

interface Conditions {
  sessionSeconds?: number
  /** Called before each file is put. */
  onFile?: () => void | Promise<void>
  idleTimeoutMs?: number
  /** Uploads at once. */
  uploadsMax?: number
}

export interface Finished {
  attempts: number
  state: string
}

/** What is there before the faults begin: `complete` and an older file, or a finished folder that late events come to. */
export async function prepare(place: GridPlace, tenant: GridTenant): Promise<void> {
  const { world } = place
  const { projectId, bucket, folder, sent } = tenant
  await world.append(projectId, 'UTC', sent)
  if (tenant.kind !== 'late') {
    await bucket.put(`${folder}complete`, '')
    await bucket.put(`${folder}part-00099-old.json.gz`, 'of an earlier export')
    return
  }
  await finish(place, tenant, 'export')
  const [replaced, ...others] = sent
  if (replaced === undefined) return
  const newer = { ...replaced, properties: { ...replaced.properties, newer: true } }
  const late = [newer, eventAt(1000, day * 3600 + 5), eventAt(1001, day * 3600 + 6)]
  await world.append(projectId, 'UTC', late)
  tenant.sent = [...others, ...late]
}

/** Works the tenant's run, again and again until it has succeeded, by a clock that waits for each attempt. */
export async function finish(
  place: GridPlace,
  tenant: GridTenant,
  kind: 'export' | 'sync' = tenant.kind === 'late' ? 'sync' : 'export',
  conditions: Conditions = {},
): Promise<Finished> {
  const { database, world } = place
  const runId = await insertRun(database.db, tenant.pipelineId, {
    local_hour: tenant.window.localHour,
    hours: tenant.window.hours,
    kind,
  })
  const { uploadsMax = 2 } = conditions
  const destinations = destinationsOf(place, conditions)
  const clock = { ms: world.clock.ms, nowMs: () => clock.ms }
  try {
    for (let attempts = 1; ; attempts++) {
      clock.ms += 3_600_000
      const deps = { ...world.deps, clock, destinations, uploadsMax, leaseMs: 600_000 }
      await runExport({ ...deps, workerId: `${runId}/${attempts}` }, runId, signal)
      const { state } = await readRun(database.db, runId)
      if (state === 'succeeded' || attempts === 30) return { attempts, state }
    }
  } finally {
    destinations.close()
  }
}

function destinationsOf(
  { sandbox }: GridPlace,
  { idleTimeoutMs = 60_000, sessionSeconds = 3600, onFile }: Conditions,
): Destinations {
  const destinations = createDestinations({
    pathStyle: true,
    allowPlainHttp: false,
    sessionSeconds,
    log: silentLog,
    env: { AWS_ENDPOINT_URL: sandbox.url },
    ownCredentials: async () => exporter,
    wait: async () => {},
    idleTimeoutMs,
  })
  if (onFile === undefined) return destinations
  return {
    ...destinations,
    open: (target) => {
      const destination = destinations.open(target)
      return {
        ...destination,
        putFile: async (...file) => {
          await onFile()
          await destination.putFile(...file)
        },
      }
    },
  }
}

/** The product's own verification: the bucket read back against the export's record and the store. */
export async function verify(
  place: GridPlace,
  tenant: GridTenant,
  conditions: Conditions = {},
): Promise<FolderDifference[]> {
  const { projectId, pipelineId, token, customer, window } = tenant
  const known = await readFolder(place.database.db, { pipelineId, localHour: window.localHour })
  if (known?.contents === undefined) throw new Error('the folder has no record')
  const destinations = destinationsOf(place, conditions)
  const { bucket, account } = customer
  const destination = destinations.open(
    destinationTarget(
      { bucket, region, prefix: 'raw', roleArn: roleOf({ account }), encryption: 'none', kmsKeyId: null },
      { projectId, externalId: token, purpose: 'verify' },
    ),
  )
  try {
    const { contents } = known
    const work = { projectId, prefix: 'raw', window, eventNames: null, where: null, contents, destination }
    return await verifyFolder(place.world.deps, { ...work, signal })
  } finally {
    destinations.close()
  }
}

/** Requests that Penstock made for a tenant, in the order of their answers. */
export function requestsFor({ customer }: GridTenant, records: readonly RequestRecord[]): RequestRecord[] {
  const role = roleOf(customer)
  return records.filter(
    (record) =>
      record.role === role ||
      (record.bucket === customer.bucket && !record.principal?.endsWith(':user/owner')),
  )
}

/** Changes of data files that took effect while `complete` was there: a reader may have seen half a folder. */
export function earlyCompletes(
  { folder, kind }: GridTenant,
  requests: readonly RequestRecord[],
  areLostAnswersEffects: boolean,
): string[] {
  const early: string[] = []
  let isThere = kind !== 'late'
  for (const { method, key, status, code, fault } of requests) {
    if (key === null || !['PUT', 'DELETE'].includes(method)) continue
    const isAnswered = code === null && (status === 200 || status === 204)
    if (!isAnswered && !(fault && areLostAnswersEffects)) continue
    if (key === `${folder}complete`) isThere = method === 'PUT'
    else if (isThere) early.push(`${method} ${key}`)
  }
  return isThere ? early : [...early, 'no complete at the end']
}
