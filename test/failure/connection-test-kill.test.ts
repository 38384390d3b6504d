/**
 * A connection test whose process is killed in the middle leaves nothing for long.
 *
 * 1. `penstock check aws` has written its probe and waits for an answer when it is killed (SIGKILL).
 * 2. Another process that tests at once passes, and leaves the first one's probe alone: it can't know that it is dead.
 * 3. An hour later the next test, or the daily sweep, takes it away.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { createProject } from '../../src/control/projects/manage-projects.ts'
import type { ProjectId } from '../../src/ids.ts'
import {
  type ConnectionLab,
  connectionRole,
  customerWorld,
  openConnectionLab,
  prefix,
} from '../support/connection-lab.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { type Env, penstock } from '../support/penstock-process.ts'
import { acme, exporter } from '../support/sandbox-world.ts'

const program = join(import.meta.dirname, '../../bin/penstock')
const anHourMs = 61 * 60_000

let lab: ConnectionLab
let database: TestDatabase
let env: Env
let projectId: ProjectId
let externalId: string

beforeAll(async () => {
  lab = await openConnectionLab()
  database = await createTestDatabase()
  const project = await createProject(database.db, { name: 'acme', timeZone: 'UTC' })
  projectId = project.projectId
  externalId = project.token
  await lab.change(customerWorld(externalId))
  env = {
    PATH: process.env.PATH ?? '',
    HOME: process.env.HOME ?? '/',
    PENSTOCK_DATABASE_URL: database.url,
    PENSTOCK_S3_PATH_STYLE: 'true',
    AWS_ENDPOINT_URL: lab.url,
    AWS_ACCESS_KEY_ID: exporter.accessKeyId,
    AWS_SECRET_ACCESS_KEY: exporter.secretAccessKey,
  }
})
afterAll(async () => {
  await lab?.close()
  await database?.drop()
})
beforeEach(async () => {
  await lab.bucket.removeAll('')
})

const command = () => [
  ...['check', 'aws', '--project', String(projectId), '--bucket', acme.bucket, '--region', acme.region],
  ...['--prefix', prefix, '--role', connectionRole],
]
const probes = async () => (await lab.bucket.list()).map(({ key }) => key)
const tested = () => ({
  projectId,
  externalId,
  destination: {
    ...{ bucket: acme.bucket, region: acme.region, prefix, roleArn: connectionRole },
    encryption: 'none' as const,
    kmsKeyId: null,
  },
})

/** Kills a test while `action` is being asked, and gives what it left. */
async function killDuring(action: string): Promise<string[]> {
  await lab.control.fault({ action, times: 1, delay_ms: 600_000 })
  const child = spawn(program, command(), { env, stdio: 'ignore' })
  const ended = once(child, 'exit')
  const asked = async () => (await lab.control.inFlight()).map((record) => record.action)
  await expect.poll(asked, { timeout: 60_000 }).toContain(action)
  child.kill('SIGKILL')
  expect(await ended).toEqual([null, 'SIGKILL'])
  await lab.control.clearFaults()
  return await probes()
}

test('the next test takes away what was left, once nobody can be at it any more', async () => {
  const left = await killDuring('GetObject')
  expect(left).toEqual([expect.stringMatching(/^raw\/\d+\/_penstock_probe\/\d{13}-[0-9a-f]{16}$/)])

  const second = await penstock(command(), env)
  expect(second.code).toBe(0)
  expect(await probes()).toEqual(left)

  expect((await lab.tests('warn', anHourMs).whole(tested())).ok).toBe(true)
  expect(await probes()).toEqual([])
}, 120_000)

test('the daily sweep takes it away where nobody tests again', async () => {
  const left = await killDuring('GetObject')
  expect(left).toHaveLength(1)
  await lab.tests('warn').sweep(tested())
  expect(await probes()).toEqual(left)
  await lab.tests('warn', anHourMs).sweep(tested())
  expect(await probes()).toEqual([])
}, 120_000)

test('a test that is killed before it has written leaves nothing', async () => {
  expect(await killDuring('DeleteObject')).toEqual([])
}, 120_000)
