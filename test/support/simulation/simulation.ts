/**
 * A serving Penstock whose clock goes on in steps of hours: at each step it does all that is due, and only then events are
 * sent. So what a folder must hold follows from the calendar alone, however the process is stopped, killed and started
 * again in between, and whatever its clock shows for a while.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { createRandom, type Random } from '../../../demo/random.ts'
import { createProject } from '../../../src/control/projects/manage-projects.ts'
import { openServingPlace, type ServingPlace } from '../serving-place.ts'
import { type ClockedPenstock, startClockedPenstock } from './clocked-penstock.ts'
import { countOutstanding } from './outstanding.ts'
import {
  createPipelines,
  type Moment,
  type SimulatedProject,
  sendEvents,
  sendHistory,
} from './simulated-project.ts'

const minuteMs = 60_000
const hourMs = 3_600_000
/** Of a worker that was killed. */
const leaseMs = 30_000
/** Of one step; longer, and the clock would run on to where more comes due. */
const settleMaxMs = 300_000

export interface SimulationOptions {
  seed: number
  /** The clock at the beginning; an instant as Date.parse reads it. */
  from: string
  days: number
  timeZones: string[]
  /** Those of them whose projects have an hourly pipeline beside the daily ones. */
  hourlyZones: string[]
  /** Steps without an incident, to one with each kind of it. */
  quietSteps: number
  /** The most that the clock goes on by in one step. */
  stepHoursMax: number
  /** Told what the clock shows after each step. */
  onStep?: (nowMs: number) => void
}

/** What has happened to it. */
interface Incidents {
  kills: number
  stops: number
  hoursDown: number
  faults: number
  setBack: number
  setAhead: number
}

export interface Simulation {
  stage: ServingPlace
  penstock: ClockedPenstock
  projects: SimulatedProject[]
  /** The latest that the clock had shown by each step. */
  stepsMs: number[]
  /** What the clock was set to during each step: more than once where another process began in it. */
  settings: number[][]
  incidents: Incidents
}

interface Running extends Simulation {
  nowMs: number
  /** When the clock was set to that, on the monotonic clock. */
  setAtMs: number
  random: Random
  /** What happens in the next steps, the next one last. */
  toCome: ((typeof incidentKinds)[number] | 'none')[]
  quietSteps: number
  stepHoursMax: number
}

/** Simulates the days, to the end of the last step. The caller ends the process and closes the stage. */
export async function simulate(options: SimulationOptions): Promise<Simulation> {
  const { seed, from, days, timeZones, quietSteps, stepHoursMax } = options
  const random = createRandom(seed)
  const nowMs = Date.parse(from)
  const stage = await openServingPlace('simulated', {
    PENSTOCK_LOG_LEVEL: 'error',
    PENSTOCK_SCHEDULER_INTERVAL_MS: '100',
    PENSTOCK_RUN_POLL_MS: '20',
    PENSTOCK_RUN_RETRY_BASE_MS: '1',
    PENSTOCK_RUNS_MAX: '9',
    PENSTOCK_RUNS_PER_PROJECT_MAX: '3',
    PENSTOCK_RUN_LEASE_SECONDS: String(leaseMs / 1000),
    PENSTOCK_SHUTDOWN_SECONDS: '2',
    PENSTOCK_COMMIT_WINDOW_MS: '0',
    PENSTOCK_THREADS: '1',
    PENSTOCK_COMPACTION_INTERVAL_MS: '1000',
  })
  const running: Running = {
    ...{
      stage,
      random,
      nowMs,
      quietSteps,
      stepHoursMax,
      projects: [],
      toCome: [],
      stepsMs: [],
      settings: [[nowMs]],
      setAtMs: performance.now(),
    },
    penstock: await startClockedPenstock(stage.env, nowMs),
    incidents: { kills: 0, stops: 0, hoursDown: 0, faults: 0, setBack: 0, setAhead: 0 },
  }
  try {
    for (const timeZone of timeZones) await openProject(running, timeZone, options)
    await enterStep(running)
    const endMs = nowMs + days * 24 * hourMs
    while (running.nowMs < endMs) {
      await takeStep(running)
      options.onStep?.(running.nowMs)
    }
    // What was sent last is looked for once more.
    advance(running, 2 * hourMs)
    await enterStep(running, false)
    return running
  } catch (cause) {
    await running.penstock.end('SIGKILL')
    await stage.close()
    throw new Error(
      `the simulation with seed ${seed} broke off at ${new Date(running.nowMs).toISOString()}`,
      {
        cause,
      },
    )
  }
}

async function openProject(
  running: Running,
  timeZone: string,
  { days, hourlyZones }: SimulationOptions,
): Promise<void> {
  const { stage, penstock, nowMs, random } = running
  const created = await createProject(stage.database.db, { name: timeZone, timeZone })
  const account = await stage.place.admit(created.token)
  const project: SimulatedProject = { ...created, timeZone, account, events: [], pipelines: [] }
  running.projects.push(project)
  await sendHistory(project, penstock.url, { nowMs, latestMs: nowMs - 1, step: -1 }, random)
  const hourly = hourlyZones.includes(timeZone)
  await createPipelines(project, penstock.url, { nowMs, days, hourly })
}

/** Waits until everything is done that is due, then sends what chance gives. */
async function enterStep(running: Running, isSending = true): Promise<void> {
  await settle(running)
  const { stepsMs, settings, nowMs, random, penstock } = running
  const step = stepsMs.length
  const moment: Moment = { nowMs, latestMs: Math.max(nowMs, stepsMs.at(-1) ?? 0), step }
  stepsMs.push(moment.latestMs)
  settings.push([])
  if (!isSending) return
  // What is sent is drawn before the first answer is waited for: the course is the seed's alone.
  await Promise.all(running.projects.map((project) => sendEvents(project, penstock.url, moment, random)))
}

const incidentKinds = ['kill', 'stop', 'set back', 'set ahead', 'fault', 'fault and kill'] as const

/** One of each kind and the quiet steps, in an order that chance gives. */
function nextSteps(random: Random, quietSteps: number): Running['toCome'] {
  return shuffled([...incidentKinds, ...Array.from({ length: quietSteps }, () => 'none' as const)], random)
}

async function takeStep(running: Running): Promise<void> {
  const { random, incidents } = running
  if (running.toCome.length === 0) running.toCome = nextSteps(random, running.quietSteps)
  const kind = running.toCome.pop()
  if (kind === 'set back') {
    incidents.setBack += 1
    advance(running, -random.whole(2, 5) * hourMs)
  } else if (kind === 'set ahead') {
    incidents.setAhead += 1
    advance(running, random.whole(5, 9) * hourMs)
    await enterStep(running)
    advance(running, -random.whole(2, 4) * hourMs)
  } else {
    if (kind === 'fault' || kind === 'fault and kill') await injectFault(running)
    advance(running, random.whole(1, running.stepHoursMax) * hourMs)
    if (kind === 'stop') await interrupt(running, 'SIGTERM')
    if (kind === 'kill' || kind === 'fault and kill') await interrupt(running, 'SIGKILL')
  }
  await enterStep(running)
}

function shuffled<Item>(items: readonly Item[], random: Random): Item[] {
  const places = items.map((item) => ({ item, place: random.next() }))
  return places.sort((left, right) => left.place - right.place).map(({ item }) => item)
}

/** To some minutes after a quarter of an hour: nothing comes due while the clock runs on during the step. */
function advance(running: Running, byMs: number): void {
  const { random } = running
  const quarter = Math.floor((running.nowMs + byMs) / (15 * minuteMs)) * 15 * minuteMs
  setClock(running, quarter + random.whole(60, 300) * 1000)
  running.penstock.setClock(running.nowMs)
}

function setClock(running: Running, nowMs: number): void {
  running.nowMs = nowMs
  running.setAtMs = performance.now()
  running.settings.at(-1)?.push(nowMs)
}

/** The process ends amid its work; another begins after a while. */
async function interrupt(running: Running, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  const { random, incidents, stage } = running
  await sleep(random.whole(0, 250))
  await running.penstock.end(signal)
  incidents[signal === 'SIGKILL' ? 'kills' : 'stops'] += 1
  await expectQuietBucket(running)
  await stage.place.control.clearFaults()
  const hoursDown = (incidents.kills + incidents.stops) % 3 === 0 ? random.whole(1, 30) : 0
  incidents.hoursDown += hoursDown
  setClock(running, running.nowMs + hoursDown * hourMs + leaseMs + 1000)
  running.penstock = await startClockedPenstock(stage.env, running.nowMs)
}

/** What the process had sent has arrived by the time that its lease is over. */
async function expectQuietBucket({ stage }: Running): Promise<void> {
  while ((await stage.place.control.inFlight()).length > 0) await sleep(20)
}

async function injectFault({ random, incidents, stage }: Running): Promise<void> {
  incidents.faults += 1
  await stage.place.control.fault({
    action: random.next() < 0.5 ? 'PutObject' : 'DeleteObject',
    ...(random.next() < 0.5 ? { status: 500, code: 'InternalError' } : { cut_after_bytes: 10 }),
    times: random.whole(1, 4),
  })
}

/** Until nothing is due and nobody works. */
async function settle(running: Running): Promise<void> {
  const { db } = running.stage.database
  const endsMs = performance.now() + settleMaxMs
  for (;;) {
    const nowMs = running.nowMs + performance.now() - running.setAtMs
    const { outstanding, broken } = await countOutstanding(db, nowMs)
    if (broken > 0) throw new Error(`${broken} pipelines are paused or have failed runs`)
    if (outstanding === 0) return
    if (performance.now() > endsMs)
      throw new Error(`${outstanding} runs and looks did not end in five minutes`)
    await sleep(15)
  }
}
