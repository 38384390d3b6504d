/** A small, strict AWS on loopback: S3 and STS, for the demo, for tests and for practice. docs/guides/sandbox.md. */
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FaultBook } from './faults.ts'
import { RequestLog } from './request-log.ts'
import { MultipartUploads } from './s3/multipart-uploads.ts'
import { ObjectStore } from './s3/object-store.ts'
import { handleRequest } from './server.ts'
import type { SandboxState } from './state.ts'
import { SessionIssuer } from './sts/session-issuer.ts'
import { parseWorld } from './world.ts'

export { WorldError } from './world.ts'

export interface SandboxOptions {
  /** The content of a world file. */
  readonly world: unknown
  /** 0, the default, takes any free port. */
  readonly port?: number
  /** Keeps objects and sessions over a restart; without it they go with the sandbox. */
  readonly dataDir?: string
  /** 127.0.0.1 (the default), ::1 or localhost. */
  readonly host?: string
  readonly nowMs?: () => number
}

export interface Sandbox {
  readonly url: string
  readonly port: number
  /** Cuts what is under way and frees the port and the temporary folder. */
  close(): Promise<void>
}

const loopbackHosts = ['127.0.0.1', '::1', 'localhost']
const headerBytesMax = 65_536

/** Starts a sandbox; throws `WorldError` where the world is not valid. */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const host = options.host ?? '127.0.0.1'
  if (!loopbackHosts.includes(host)) {
    throw new Error(`the sandbox listens on loopback only: ${loopbackHosts.join(', ')}; not on ${host}`)
  }
  const world = { current: parseWorld(options.world) }
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'penstock-sandbox-'))
  mkdirSync(dataDir, { recursive: true })
  const state: SandboxState = {
    world,
    sessions: new SessionIssuer(readSessionKey(dataDir)),
    objects: new ObjectStore(dataDir),
    uploads: new MultipartUploads(),
    faults: new FaultBook(),
    requests: new RequestLog(),
    nowMs: options.nowMs ?? Date.now,
  }
  const server = createSandboxServer(state)
  const port = await listen(server, options.port ?? 0, host)
  return {
    url: `http://${host === '::1' ? '[::1]' : host}:${port}`,
    port,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
      if (options.dataDir === undefined) rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

function createSandboxServer(state: SandboxState): Server {
  const server = createServer({ maxHeaderSize: headerBytesMax, requestTimeout: 0 })
  server.on('request', (incoming, response) => void handleRequest(state, incoming, response, false))
  server.on('checkContinue', (incoming, response) => void handleRequest(state, incoming, response, true))
  return server
}

async function listen(server: Server, port: number, host: string): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  return (server.address() as AddressInfo).port
}

/** Sessions are sealed with this key: kept with the objects, so that they last as long. */
function readSessionKey(dataDir: string): Buffer {
  const path = join(dataDir, 'session-key')
  if (!existsSync(path)) writeFileSync(path, randomBytes(32), { mode: 0o600 })
  return readFileSync(path)
}
