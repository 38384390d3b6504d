/** What goes wrong, one thing after the other, chosen by a seed: each begins, lasts and is over before the next one. */
import { rm, writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Random } from '../../../demo/random.ts'
import type { SandboxControl } from '../sandbox-control.ts'
import type { TcpGate } from '../tcp-gate.ts'
import type { FleetMember, FleetRole } from './fleet.ts'
import type { PostgresPair } from './postgres-pair.ts'
import { untilItPasses } from './until-it-passes.ts'

interface Surroundings {
  fleet: FleetMember[]
  pair: PostgresPair
  /** Undefined where the other side is no sandbox: then only the ways to it are disturbed. */
  sandbox: SandboxControl | undefined
  /** The same of the store's. */
  store: SandboxControl | undefined
  /** A file that takes the rest of the store's disk; undefined where the disk is not the suite's own. */
  ballast: string | undefined
  leaseMs: number
  random: Random
}

/** What can't go wrong here, as there is no such thing, gives `notHere`. */
type Disturbance = (around: Surroundings) => Promise<unknown>

export const notHere = 'not here'

/** Longer than a lease, so that others take over what the disturbed one has in hand. */
const longerThanLease = ({ leaseMs, random }: Surroundings): number => leaseMs + random.whole(1000, 4000)

export const disturbances: Record<string, Disturbance> = {
  'an API is killed': (around) => kill(around, 'api'),
  'a worker is killed': (around) => kill(around, 'worker'),
  'the scheduler is killed': (around) => kill(around, 'scheduler'),
  'a worker is stopped for longer than its lease': (around) => stop(around, 'worker'),
  'an API is stopped': (around) => stop(around, 'api'),
  'all workers are stopped for longer than their leases': async (around) => {
    const workers = around.fleet.filter(({ role }) => role === 'worker')
    for (const worker of workers) worker.stop()
    await sleep(longerThanLease(around))
    for (const worker of workers) worker.goOn()
  },
  'the database is killed and starts again': ({ pair }) => pair.restart('at once'),
  'the database is restarted': ({ pair }) => pair.restart('orderly'),
  'the database fails over to its replica': async ({ pair, fleet }) => {
    await pair.failOver()
    for (const { database } of fleet) database.turnTo(pair.primary())
    await pair.pairUp()
  },
  'a process loses its connections to the database': (around) =>
    shut(around, ({ database }) => database, around.random.whole(100, 3000)),
  'a process is cut off from the database for longer than a lease': (around) =>
    freeze(around, ({ database }) => database),
  'what a process has asked of the database is lost, and nothing tells it so': (around) =>
    freeze(around, ({ database }) => database, undefined, 'silence'),
  'a worker loses its connections to AWS': (around) =>
    shut(around, ({ aws }) => aws, around.random.whole(100, 3000), 'worker'),
  'a worker is cut off from AWS for longer than its lease': (around) =>
    freeze(around, ({ aws }) => aws, 'worker'),
  'a process loses its connections to the store': (around) =>
    shut(around, ({ store }) => store, around.random.whole(100, 3000)),
  'a process is cut off from the store': (around) => freeze(around, ({ store }) => store),
  "the store's S3 asks for fewer requests": (around) =>
    trouble(around, around.store, { probability: 0.4, status: 503, code: 'SlowDown' }),
  "the store's S3 is slow": (around) =>
    trouble(around, around.store, { probability: 0.7, delay_ms: around.random.whole(300, 3000) }),
  "the store's S3 loses answers": (around) =>
    trouble(around, around.store, { probability: 0.4, answer_lost: true }),
  "the store's S3 cuts bodies": (around) =>
    trouble(around, around.store, { action: 'PutObject', probability: 0.5, cut_after_bytes: 700 }),
  'S3 asks for fewer requests': (around) =>
    trouble(around, around.sandbox, { probability: 0.5, status: 503, code: 'SlowDown' }),
  'S3 has errors of its own': (around) => trouble(around, around.sandbox, { probability: 0.4, status: 500 }),
  'S3 refuses': (around) =>
    trouble(around, around.sandbox, { action: 'PutObject', probability: 0.2, status: 403, times: 2 }),
  'S3 is slow': (around) =>
    trouble(around, around.sandbox, { probability: 0.7, delay_ms: around.random.whole(300, 3000) }),
  'S3 takes bodies slowly': (around) =>
    trouble(around, around.sandbox, { action: 'PutObject', probability: 0.5, bytes_per_second: 2000 }),
  'S3 loses answers': (around) => trouble(around, around.sandbox, { probability: 0.4, answer_lost: true }),
  'S3 cuts bodies': (around) =>
    trouble(around, around.sandbox, { action: 'PutObject', probability: 0.5, cut_after_bytes: 700 }),
  "the store's disk is full": async ({ ballast, random }) => {
    if (ballast === undefined) return notHere
    await fillDisk(ballast)
    await sleep(random.whole(500, 3000))
    return await rm(ballast, { force: true })
  },
}

async function kill({ fleet, random }: Surroundings, role: FleetRole): Promise<void> {
  const member = anyOf(fleet, random, role)
  await member.kill()
  await sleep(random.whole(0, 1500))
  member.start()
}

async function stop(around: Surroundings, role: FleetRole): Promise<void> {
  const member = anyOf(around.fleet, around.random, role)
  member.stop()
  await sleep(longerThanLease(around))
  member.goOn()
}

/** Undefined where there is no such way. */
type Way = (member: FleetMember) => TcpGate | undefined

async function shut(
  { fleet, random }: Surroundings,
  way: Way,
  ms: number,
  role?: FleetRole,
): Promise<unknown> {
  const gate = way(anyOf(fleet, random, role))
  if (gate === undefined) return notHere
  gate.shut()
  await sleep(ms)
  return gate.open()
}

/** What was sent arrives afterwards, or where it is silenced never. */
async function freeze(
  around: Surroundings,
  way: Way,
  role?: FleetRole,
  how: 'freeze' | 'silence' = 'freeze',
): Promise<unknown> {
  const gate = way(anyOf(around.fleet, around.random, role))
  if (gate === undefined) return notHere
  gate[how]()
  await sleep(longerThanLease(around))
  return gate.open()
}

async function trouble(
  { random }: Surroundings,
  sandbox: SandboxControl | undefined,
  fault: object,
): Promise<unknown> {
  if (sandbox === undefined) return notHere
  const seed = random.whole(0, 2 ** 31)
  await untilItPasses(() => sandbox.fault({ ...fault, seed }))
  await sleep(random.whole(1000, 5000))
  return await untilItPasses(() => sandbox.clearFaults())
}

function anyOf(fleet: FleetMember[], random: Random, role?: FleetRole): FleetMember {
  const candidates = fleet.filter((member) => role === undefined || member.role === role)
  return candidates[random.whole(0, candidates.length)] as FleetMember
}

/** Chunk by chunk, so that the last one finds no room. */
async function fillDisk(path: string): Promise<void> {
  const chunk = Buffer.alloc(256 * 1024)
  for (;;) {
    try {
      await writeFile(path, chunk, { flag: 'a' })
    } catch {
      return
    }
  }
}
