/**
 * The failure suite of more than one machine: three APIs, a scheduler and three workers, a PostgreSQL with a replica, a store
 * and the customers' buckets, while one thing after the other goes wrong.
 *
 * 1. Everything starts; the wall clock of each process is off by minutes. Each project has a client of its own, which sends
 *    to any API, sends again what was not answered, and notes what it was told.
 * 2. One project after the other begins: its client sends, asks for the export of the day once everything is answered, and
 *    sends late events. Meanwhile disturbances follow one another, chosen by the seed; a witness reads finished folders.
 * 3. The disturbances end, what is away comes back, every client sends until it is answered.
 * 4. Each folder comes to hold every event of its project once and nothing else; the manifests say so; `verify` and
 *    `store check` find nothing; the witness never saw a finished folder that lacked what was promised.
 *
 * The short form is forty seconds of disturbances. `CLUSTER_SECONDS=1800 npx vitest run test/failure/cluster.test.ts` is the long
 * one; `CLUSTER_SEED` takes another course, `CLUSTER_S3=ceph` another S3 than the sandbox, `CLUSTER_STORE=files` a folder that all
 * processes share for a store.
 */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { workThrough } from '../../src/work-through.ts'
import { tenantObjections } from '../support/cluster/check-tenant.ts'
import { type ClusterCourse, openCluster } from '../support/cluster/cluster.ts'
import { tellResult } from '../support/cluster/result.ts'
import { penstock, penstockJson } from '../support/penstock-process.ts'

const seconds = Number(process.env.CLUSTER_SECONDS ?? 40)
const seed = Number(process.env.CLUSTER_SEED ?? Date.now() % 1_000_000)
const s3 = process.env.CLUSTER_S3 === 'ceph' ? 'ceph' : 'sandbox'
const store = process.env.CLUSTER_STORE === 'files' ? 'files' : 's3'
const memoryBytesMax = 512 * 1024 * 1024

let course: ClusterCourse
beforeAll(
  async () => {
    process.stdout.write(`cluster: seed ${seed}, ${seconds} seconds, ${s3}, ${store}\n`)
    course = await openCluster({ seconds, seed, s3, store })
    await course.run()
  },
  600_000 + seconds * 2000,
)
afterAll(async () => {
  if (course !== undefined) process.stdout.write(tellResult(course))
  await course?.close()
}, 120_000)

test('things went wrong while clients were answered', () => {
  expect(course.lives.every(({ client }) => client.counts.answered > 0)).toBe(true)
  expect([...course.happened.values()].reduce((sum, times) => sum + times, 0)).toBeGreaterThan(2)
  // In a minute the clients may be lucky.
  const repeated = course.lives.reduce((sum, { client }) => sum + client.counts.repeated, 0)
  expect(repeated).toBeGreaterThanOrEqual(seconds < 600 ? 0 : 20)
})

test('no finished folder ever lacked a promised event, had one twice, or one that nobody sent', () => {
  expect(course.witness.objections).toEqual([])
  expect(course.witness.seen).toBeGreaterThan(0)
})

test('in the end each folder holds every event of its project once and nothing else', {
  timeout: 300_000 + seconds * 200,
}, async () => {
  const objections = []
  for (const life of course.lives) objections.push(...(await tenantObjections(life, course.url)))
  expect(objections).toEqual([])
})

test('`verify` and `store check` find nothing', { timeout: 300_000 + seconds * 1000 }, async () => {
  await workThrough({
    items: course.lives.values(),
    atOnceMax: 3,
    signal: new AbortController().signal,
    work: async (life) => {
      const project = String(life.options.project.projectId)
      const args = ['verify', '--pipeline', life.pipeline() ?? '', '--project', project, '--json']
      const { code, stdout, stderr } = await penstock(args, course.env)
      expect(code, stdout + stderr).toBe(0)
    },
  })
  const { problems } = await penstockJson<{ problems: { kind: string }[] }>(['store', 'check'], course.env)
  // A segment whose commit was never answered is named by nothing; its events were sent again.
  expect(problems.filter(({ kind }) => kind !== 'unindexed')).toEqual([])
})

test('no process took more memory than its settings let it', () => {
  const peaks = course.fleet.map((member) => [member.name, member.peakBytes()] as const)
  expect(peaks.filter(([, bytes]) => bytes > memoryBytesMax)).toEqual([])
})

test('no process ended by itself, but one that was started while the database was away', () => {
  const deaths = course.fleet.flatMap((member) => member.deaths)
  expect(deaths.filter((death) => !death.includes('DATABASE_UNREACHABLE'))).toEqual([])
})

test('every process ends by itself when it is asked to', { timeout: 120_000 }, async () => {
  expect(await Promise.all(course.fleet.map((member) => member.end()))).toEqual(course.fleet.map(() => 0))
})
