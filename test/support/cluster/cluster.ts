/** The failure suite's world, and its course from the first process to the last disturbance. */
import { execFileSync } from 'node:child_process'
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createRandom, type Random } from '../../../demo/random.ts'
import { openDatabase } from '../../../src/control/db/open-database.ts'
import { createProject } from '../../../src/control/projects/manage-projects.ts'
import { cephLabMissing, openCephLab } from '../ceph-lab.ts'
import { cephPlace, type ExportPlace, openSandboxPlace } from '../export-place.ts'
import type { Env } from '../penstock-process.ts'
import { pipelinesClient } from '../pipelines-client.ts'
import { type SandboxControl, sandboxControl } from '../sandbox-control.ts'
import { startStoreSandbox } from '../store-sandbox.ts'
import type { TcpServer } from '../tcp-gate.ts'
import { datesOverAndDue } from '../tenant.ts'
import { createBucketWitness, type Witness } from './bucket-witness.ts'
import { isDelivered } from './check-tenant.ts'
import { disturbances, notHere } from './disturbances.ts'
import { type FleetMember, openFleet } from './fleet.ts'
import { openPostgresPair, type PostgresPair } from './postgres-pair.ts'
import { createTenantLife, type TenantLife } from './tenant-life.ts'
import { untilItPasses } from './until-it-passes.ts'

export interface ClusterOptions {
  /** How long things go wrong. */
  seconds: number
  seed: number
  s3: 'sandbox' | 'ceph'
  store: 'files' | 's3'
}

export interface ClusterCourse {
  options: ClusterOptions
  fleet: FleetMember[]
  lives: TenantLife[]
  witness: Witness
  /** How often each disturbance came. */
  happened: Map<string, number>
  /** Of an API that is there. */
  url: string
  /** For commands beside the fleet. */
  env: Env
  run(): Promise<void>
  close(): Promise<void>
}

const leaseSeconds = 6
const secondsPerTenant = 8
const tenantsMax = 24
/** Within AWS's quarter of an hour, beyond which it takes no signed request. */
const skewMsMax = 5 * 60_000

export async function openCluster(options: ClusterOptions): Promise<ClusterCourse> {
  const closings: (() => unknown)[] = []
  const close = async (): Promise<void> => {
    for (const closing of closings.splice(0).reverse()) await closing()
  }
  try {
    return await open(options, closings, close)
  } catch (error) {
    await close()
    throw error
  }
}

async function open(
  options: ClusterOptions,
  closings: (() => unknown)[],
  close: () => Promise<void>,
): Promise<ClusterCourse> {
  const random = createRandom(options.seed)
  const folder = await mkdtemp(join(tmpdir(), 'penstock-cluster-'))
  closings.push(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))
  // PostgreSQL's user goes through it.
  await chmod(folder, 0o755)
  const place = await openPlace(options, folder)
  closings.push(() => place.close())
  const disk = await mountDisk(join(folder, 'store'), closings)
  const storeSandbox = options.store === 's3' ? await startStoreSandbox() : undefined
  closings.push(() => storeSandbox?.close())
  const pair = await openPostgresPair(folder)
  closings.push(() => pair.stop())
  const aws = new URL(place.env.AWS_ENDPOINT_URL ?? place.env.AWS_ENDPOINT_URL_S3 ?? '')
  const settings: Env = {
    ...place.env,
    ...(storeSandbox?.env ?? { PENSTOCK_STORE_URL: `file://${join(folder, 'store', 'events')}` }),
    PENSTOCK_LOG_LEVEL: 'warn',
    PENSTOCK_THREADS: '1',
    PENSTOCK_RUN_LEASE_SECONDS: String(leaseSeconds),
    PENSTOCK_RUN_RETRY_BASE_MS: '100',
    PENSTOCK_RUN_ATTEMPTS_MAX: '1000',
    PENSTOCK_SCHEDULER_INTERVAL_MS: '300',
    PENSTOCK_RUN_POLL_MS: '200',
    PENSTOCK_SYNC_INTERVAL_SECONDS: '2',
    PENSTOCK_COMMIT_SECONDS_MAX: '5',
    PENSTOCK_COMPACTION_DELAY_SECONDS: '1',
    PENSTOCK_COMPACTION_INTERVAL_MS: '1000',
    // So small that a few hundred events are several members and several files.
    PENSTOCK_PART_SIZE_BYTES: '4096',
    PENSTOCK_FILE_SIZE_BYTES: '4096',
  }
  const fleet = await openFleet({
    ...{ folder, random, skewMsMax, env: settings },
    counts: { api: 3, scheduler: 1, worker: 3 },
    database: (address) => pair.url(address),
    databaseServer: pair.primary(),
    awsServer: serverOf(aws.href),
    storeServer: storeSandbox === undefined ? undefined : serverOf(storeSandbox.url),
  })
  closings.push(async () => {
    for (const member of fleet) {
      await member.kill()
      await Promise.all([member.database.close(), member.aws.close(), member.store?.close()])
    }
  })
  const lives = await createTenants(options, { pair, place, fleet, folder })
  const witness = createBucketWitness(lives)
  const happened = new Map<string, number>()
  const url = fleet[0]?.url ?? ''
  const course: ClusterCourse = {
    ...{ options, fleet, lives, witness, happened, url, close },
    env: {},
    run: async () => {
      await startAll(fleet)
      const over = new AbortController()
      const watching = witness.watch(over.signal)
      const around = {
        ...{ fleet, pair, random, leaseMs: leaseSeconds * 1000 },
        sandbox: place.sandbox,
        store: storeSandbox?.control,
        ballast: disk && storeSandbox === undefined ? join(folder, 'store', 'ballast') : undefined,
      }
      const living = liveAll(lives, options.seconds, over.signal)
      await Promise.race([disturb(around, options.seconds, happened), failed(living)])
      await living
      await calm(fleet)
      await Promise.all(lives.map((life) => life.settle()))
      await deliverAll(lives, fleet)
      over.abort()
      await watching
      for (const member of fleet) await member.lookAtMemory()
      course.env = commandEnv(settings, folder, pair, place.env)
    },
  }
  return course
}

function serverOf(url: string): TcpServer {
  const { hostname, port } = new URL(url)
  return { host: hostname, port: Number(port) }
}

type Place = ExportPlace & { sandbox: SandboxControl | undefined }

async function openPlace({ s3 }: ClusterOptions, folder: string): Promise<Place> {
  if (s3 === 'sandbox') {
    const place = await openSandboxPlace(folder)
    return { ...place, sandbox: sandboxControl(place.env.AWS_ENDPOINT_URL ?? '') }
  }
  const missing = cephLabMissing()
  if (missing !== undefined) throw new Error(`CLUSTER_S3=ceph: ${missing}`)
  return { ...cephPlace(await openCephLab()), sandbox: undefined }
}

/** A disk of its own size needs the right to mount one, which a build machine may not give: then it never fills. */
async function mountDisk(path: string, closings: (() => unknown)[]): Promise<boolean> {
  await mkdir(path)
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=512m', 'none', path], { stdio: 'ignore' })
  } catch {
    return false
  }
  closings.push(() => execFileSync('umount', ['-l', path]))
  return true
}

interface World {
  pair: PostgresPair
  place: Place
  fleet: FleetMember[]
  folder: string
}

async function createTenants(
  { seconds, seed }: ClusterOptions,
  { pair, place, fleet, folder }: World,
): Promise<TenantLife[]> {
  const database = await openDatabase({
    databaseUrl: pair.url(pair.primary()),
    dataDir: folder,
    applicationName: 'penstock cluster test',
    connectionsMax: 2,
  })
  const [day = ''] = datesOverAndDue(1)
  const urls = fleet.filter(({ role }) => role === 'api').map(({ url }) => url)
  const lives: TenantLife[] = []
  const count = Math.min(tenantsMax, Math.max(3, Math.floor(seconds / secondsPerTenant)))
  for (let index = 0; index < count; index++) {
    const project = await createProject(database.db, { name: `tenant ${index}`, timeZone: 'UTC' })
    const account = await place.admit(project.token)
    const random = createRandom(seed + 1 + index)
    lives.push(createTenantLife({ index, project, account, day, urls, random }))
  }
  await database.close()
  return lives
}

async function startAll(fleet: FleetMember[]): Promise<void> {
  for (const member of fleet) member.start()
  for (const { url, role } of fleet) {
    while (role === 'api' && !(await isReady(url))) await sleep(100)
  }
}

async function isReady(url: string): Promise<boolean> {
  return await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(10_000) }).then(
    ({ ok }) => ok,
    () => false,
  )
}

/** One begins after the other, evenly over the time. */
async function liveAll(lives: TenantLife[], seconds: number, until: AbortSignal): Promise<void> {
  const apartMs = (seconds * 1000 * 0.8) / lives.length
  await Promise.all(
    lives.map(async (life, index) => {
      await sleep(index * apartMs)
      await life.live(until)
    }),
  )
}

/** Rejects when it does, and never resolves. */
async function failed(work: Promise<unknown>): Promise<never> {
  await work
  return await new Promise<never>(() => {})
}

async function disturb(
  around: Parameters<(typeof disturbances)[string]>[0] & { random: Random },
  seconds: number,
  happened: Map<string, number>,
): Promise<void> {
  const names = Object.keys(disturbances)
  const endsMs = performance.now() + seconds * 1000
  let left: string[] = []
  while (performance.now() < endsMs) {
    // Each comes up before one comes again.
    if (left.length === 0) left = [...names]
    const [name = ''] = left.splice(around.random.whole(0, left.length), 1)
    if ((await disturbances[name]?.(around)) === notHere) continue
    happened.set(name, (happened.get(name) ?? 0) + 1)
    await sleep(around.random.whole(200, 2000))
  }
}

/** What has ended by itself comes back too: whoever operates it sees to that. */
async function calm(fleet: FleetMember[]): Promise<void> {
  for (const { role, url } of fleet) {
    while (role === 'api' && !(await isReady(url))) await sleep(200)
  }
}

const deliveredMsMax = 180_000

/** A pipeline that was paused for refusals goes on by its owner's word. What has not come by then, the checks name. */
async function deliverAll(lives: TenantLife[], fleet: FleetMember[]): Promise<void> {
  const url = fleet[0]?.url ?? ''
  for (const life of lives) {
    const pipelines = pipelinesClient(url, life.options.project.apiSecret)
    await untilItPasses(() => pipelines.call('resume', { name: life.pipeline() ?? '' }))
  }
  const endsMs = performance.now() + deliveredMsMax + lives.length * 2000
  for (const life of lives) {
    while (!(await untilItPasses(() => isDelivered(life))) && performance.now() < endsMs) await sleep(500)
    const pipelines = pipelinesClient(url, life.options.project.apiSecret)
    await untilItPasses(() => pipelines.settled(life.pipeline() ?? '', deliveredMsMax))
  }
}

function commandEnv(settings: Env, folder: string, pair: PostgresPair, place: Record<string, string>): Env {
  return {
    ...settings,
    ...place,
    PENSTOCK_DATABASE_URL: pair.url(pair.primary()),
    PENSTOCK_DATA_DIR: join(folder, 'commands'),
  }
}
