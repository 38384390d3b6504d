/**
 * A Penstock that SDKs send to over HTTPS, with a bucket behind it. Its clock is the real one until everything is to be
 * exported: then days pass, so that what was sent just now is due.
 */
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { readConfig } from '../../src/config/read-config.ts'
import { createProject } from '../../src/control/projects/manage-projects.ts'
import { type Role, startServing } from '../../src/serving.ts'
import type { ExportedEvent } from './bucket-reader.ts'
import { makeCertificate, writeCertificate } from './certificate.ts'
import { isShared, openInstallation } from './chosen-shape.ts'
import { createTestDatabase } from './database.ts'
import { openSandboxPlace } from './export-place.ts'
import type { Env } from './penstock-process.ts'
import { basic } from './pipeline-server.ts'
import { silentLog } from './silent-log.ts'

export interface SdkPlace {
  url: string
  token: string
  secret: string
  /** Of the authority that the server's certificate is of. */
  certificateFile: string
  /** For others that this authority shall vouch for. */
  certificate: { cert: string; key: string }
  /** Lets two days pass, exports all of them from the first day on, and reads them back. */
  exportAll(): Promise<ExportedEvent[]>
  /** Users, or the groups of a key. */
  profiles(groupKey?: string): Promise<unknown[]>
  close(): Promise<void>
}

/** The roles that are served together, in the chosen shape; that of the API first. */
const shares: Role[][] = isShared ? [['api'], ['scheduler'], ['worker']] : [['api', 'scheduler', 'worker']]

/** No two share a data directory. */
function ofItsOwn(env: Env, roles: Role[]): Env {
  return { ...env, PENSTOCK_DATA_DIR: join(env.PENSTOCK_DATA_DIR ?? '', roles.join('-')) }
}

/** Days that pass before everything is exported. */
const daysPassing = 2

/** @param fromDate the first day that is exported, `YYYY-MM-DD`, a few days ago */
export async function startSdkPlace(fromDate: string): Promise<SdkPlace> {
  const folder = await mkdtemp(join(tmpdir(), 'penstock-sdk-'))
  const database = await createTestDatabase()
  const bucket = await openSandboxPlace(folder)
  const certificate = await makeCertificate('penstock')
  const files = { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') }
  await writeCertificate(certificate, files)
  const clock = { aheadMs: 0, nowMs: () => Date.now() + clock.aheadMs }
  // In this process, for its clock; the SDK of AWS reads the process's own environment. What the machine says there of AWS
  // leads elsewhere.
  for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) delete process.env[name]
  Object.assign(process.env, bucket.env, { AWS_EC2_METADATA_DISABLED: 'true' })
  const { env, close } = await openInstallation({
    ...bucket.env,
    PENSTOCK_PORT: '0',
    PENSTOCK_DATABASE_URL: database.url,
    PENSTOCK_DATA_DIR: join(folder, 'data'),
    PENSTOCK_TLS_CERT: files.cert,
    PENSTOCK_TLS_KEY: files.key,
    PENSTOCK_SCHEDULER_INTERVAL_MS: '200',
  })
  const servings = await Promise.all(
    shares.map((roles) => startServing(readConfig(ofItsOwn(env, roles)), roles, silentLog, clock)),
  )
  const project = await createProject(database.db, { name: 'sdk', timeZone: 'UTC' })
  const account = await bucket.admit(project.token)
  const url = servings[0]?.url ?? ''
  const call = createCaller(url, certificate.cert, project.apiSecret)

  return {
    url,
    token: project.token,
    secret: project.apiSecret,
    certificateFile: files.cert,
    certificate,
    profiles: async (groupKey) => {
      const lines = await call(`/api/2.0/engage${groupKey === undefined ? '' : `?group_key=${groupKey}`}`)
      return parseNdjson(lines)
    },
    exportAll: async () => {
      clock.aheadMs = daysPassing * 86_400_000
      const form = new URLSearchParams({
        type: 's3-raw',
        from_date: fromDate,
        s3_bucket: account.bucketName,
        s3_region: account.region,
        s3_prefix: account.prefix,
        s3_role: account.role,
      })
      await call('/api/2.0/nessie/pipeline/create', form)
      await waitForRuns(call)
      return await account.bucket.events(`${account.prefix}/`)
    },
    close: async () => {
      for (const serving of servings) await serving.stop()
      await bucket.close()
      await close()
      await database.drop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

type Caller = (path: string, form?: URLSearchParams) => Promise<string>

/** As fetch, which can't be told of an authority of certificates. */
function createCaller(url: string, ca: string, secret: string): Caller {
  return async (path, form) => {
    const headers = {
      authorization: basic(`${secret}:`),
      ...(form !== undefined && { 'content-type': 'application/x-www-form-urlencoded' }),
    }
    const asked = request(`${url}${path}`, { ca, headers, method: form === undefined ? 'GET' : 'POST' })
    asked.end(form?.toString())
    const [answer] = await once(asked, 'response')
    const body = await text(answer)
    if (answer.statusCode !== 200) throw new Error(`${path} was answered ${answer.statusCode}: ${body}`)
    return body
  }
}

async function waitForRuns(call: Caller): Promise<void> {
  const endsMs = performance.now() + 90_000
  for (;;) {
    const runs = JSON.parse(await call('/api/2.0/nessie/pipeline/status?name=events-daily-s3-raw'))
    const states = Object.keys(runs)
    if (states.length === 1 && states[0] === 'succeeded') return
    if (performance.now() > endsMs) throw new Error(`runs did not succeed: ${JSON.stringify(runs)}`)
    await sleep(200)
  }
}

function parseNdjson(text: string): unknown[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
}
