/** Processes of Penstock on one database and one store, each with ways of its own to the database and to AWS. */
import { mkdir, readFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import type { Random } from '../../../demo/random.ts'
import { type Env, type StartingPenstock, spawnPenstock } from '../penstock-process.ts'
import { openTcpGate, type TcpGate, type TcpServer } from '../tcp-gate.ts'

export type FleetRole = 'api' | 'worker' | 'scheduler'

export interface FleetMember {
  readonly name: string
  readonly role: FleetRole
  /** Of an API: always the same, however often it is started. */
  readonly url: string
  readonly database: TcpGate
  readonly aws: TcpGate
  /** Undefined where the store is no server. */
  readonly store: TcpGate | undefined
  start(): void
  /** Ends it at once, also while it is stopped. */
  kill(): Promise<void>
  /** Asks it to end by itself; gives its exit code. */
  end(): Promise<number | null>
  /** Takes the processor from it, as a host does that swaps or is suspended. */
  stop(): void
  goOn(): void
  /** The most memory that a process of it had so far, as far as was looked. */
  peakBytes(): number
  lookAtMemory(): Promise<void>
  /** What its processes have logged, the earliest first. */
  log(): string
  /** Ends that nobody asked for, with the last that was logged. It is started again then, as whoever operates it would. */
  readonly deaths: readonly string[]
}

export interface FleetOptions {
  folder: string
  counts: Record<FleetRole, number>
  /** Settings of every process. */
  env: Env
  database(address: TcpServer): string
  databaseServer: TcpServer
  awsServer: TcpServer
  /** Undefined where the store is no server. */
  storeServer: TcpServer | undefined
  random: Random
  /** The wall clock of each process is off by up to so much, either way; anew at each start. */
  skewMsMax: number
}

export async function openFleet(options: FleetOptions): Promise<FleetMember[]> {
  const members: FleetMember[] = []
  for (const role of ['api', 'scheduler', 'worker'] as const) {
    for (let index = 1; index <= options.counts[role]; index++)
      members.push(await openMember(options, role, `${role} ${index}`))
  }
  return members
}

/** What a supervisor waits before it starts a process again that has ended by itself. */
const restMs = 1000
/** Characters of a log that are kept of a process that ended: its last lines, each with a stack. */
const lastWords = 8000

const skewedClock = join(import.meta.dirname, 'skewed-clock.ts')

async function openMember(options: FleetOptions, role: FleetRole, name: string): Promise<FleetMember> {
  const { folder, env, random, skewMsMax } = options
  const database = await openTcpGate(options.databaseServer)
  const aws = await openTcpGate(options.awsServer)
  const { storeServer } = options
  const store = storeServer === undefined ? undefined : await openTcpGate(storeServer)
  const port = await freePort()
  const dataDir = join(folder, name.replace(' ', '-'))
  await mkdir(dataDir, { recursive: true })
  let running: StartingPenstock | undefined
  let logged = ''
  let peak = 0
  const deaths: string[] = []
  const start = (): void => {
    const started = spawnPenstock(
      {
        ...env,
        PENSTOCK_DATA_DIR: dataDir,
        PENSTOCK_PORT: String(port),
        PENSTOCK_METRICS_PORT: '0',
        ...(store === undefined ? {} : { PENSTOCK_STORE_S3_ENDPOINT: `http://127.0.0.1:${store.port}` }),
        PENSTOCK_DATABASE_URL: options.database({ host: '127.0.0.1', port: database.port }),
        ...endpointsAt(env, `http://127.0.0.1:${aws.port}`),
        NODE_OPTIONS: `--import=${skewedClock}`,
        CLOCK_OFFSET_MS: String(random.whole(-skewMsMax, skewMsMax + 1)),
      },
      ['--roles', role],
    )
    running = started
    void started.ended.then((code) => {
      if (running !== started) return
      over(started)
      deaths.push(`${name} ended with ${code}: ${started.log().slice(-lastWords)}`)
      setTimeout(start, restMs)
    })
  }
  const over = (process: StartingPenstock): void => {
    logged += process.log()
    running = undefined
  }
  const lookAtMemory = async (): Promise<void> => {
    if (running !== undefined) peak = Math.max(peak, await peakOf(running.pid))
  }
  return {
    ...{ name, role, url: `http://127.0.0.1:${port}`, database, aws, store, start, lookAtMemory, deaths },
    kill: async () => {
      if (running === undefined) return
      await lookAtMemory()
      const killed = running
      over(killed)
      await killed.kill('SIGKILL')
    },
    end: async () => {
      if (running === undefined) return null
      await lookAtMemory()
      const ending = running
      over(ending)
      const code = await ending.kill('SIGTERM')
      if (code !== 0) deaths.push(`${name} ended with ${code}: ${ending.log().slice(-lastWords)}`)
      return code
    },
    stop: () => signal(running, 'SIGSTOP'),
    goOn: () => signal(running, 'SIGCONT'),
    peakBytes: () => peak,
    log: () => logged + (running?.log() ?? ''),
  }
}

/** Whichever of them the settings name. */
function endpointsAt(env: Env, url: string): Env {
  const names = Object.keys(env).filter((name) => name.startsWith('AWS_ENDPOINT_URL'))
  return Object.fromEntries(names.map((name) => [name, url]))
}

function signal(running: StartingPenstock | undefined, name: NodeJS.Signals): void {
  if (running !== undefined) process.kill(running.pid, name)
}

/** 0 where the system does not tell, or the process is gone. */
async function peakOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}
