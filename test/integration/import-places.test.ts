/** `penstock import` from folders and from S3, as its users start it: what Mixpanel's own export wrote goes in unchanged. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type DeliverySandbox, startDeliverySandbox } from '../support/delivery-sandbox.ts'
import { createTestFolder } from '../support/import-run.ts'
import { acme, startIngestServer } from '../support/ingest-server.ts'
import { type Env, penstock } from '../support/penstock-process.ts'
import { acmeOwner, acme as customer } from '../support/sandbox-world.ts'

let server: Awaited<ReturnType<typeof startIngestServer>>
let folder: Awaited<ReturnType<typeof createTestFolder>>
let sandbox: DeliverySandbox
let env: Env

/** Lines as Mixpanel's raw export has them, stamps and all. */
const exported = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) =>
    JSON.stringify({
      event: 'Signed up',
      properties: {
        time: 1_618_716_477 + index,
        distinct_id: `u${from + index}`,
        $insert_id: `e-${from + index}`,
        $import: true,
        mp_processing_time_ms: 1_618_716_500_123,
        n: from + index,
      },
    }),
  ).join('\n')

const put = (key: string, body: string | Uint8Array) =>
  sandbox.asOwner({ method: 'PUT', path: `/${customer.bucket}/${key}`, body: Buffer.from(body) })

beforeAll(async () => {
  server = await startIngestServer()
  folder = await createTestFolder()
  sandbox = await startDeliverySandbox()
  env = {
    AWS_ENDPOINT_URL: sandbox.url,
    AWS_REGION: customer.region,
    AWS_ACCESS_KEY_ID: acmeOwner.accessKeyId,
    AWS_SECRET_ACCESS_KEY: acmeOwner.secretAccessKey,
  }
})

beforeEach(() => {
  server.stored.length = 0
})

afterAll(async () => {
  await server?.close()
  await sandbox?.close()
  await folder?.remove()
})

const run = async (...args: string[]) => {
  const access = ['--url', server.url, '--secret', acme.secret, '--json']
  const { code, stdout, stderr } = await penstock(['import', ...args, ...access], env)
  return { code, stderr, report: stdout === '' ? undefined : JSON.parse(stdout) }
}
const numbers = () => server.stored.map(({ properties }) => Number(properties.n)).sort((a, b) => a - b)
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index)

test('a folder with the folders below it', async () => {
  const day = folder.path('export/2021/04/18/full_day')
  await mkdir(day, { recursive: true })
  await writeFile(join(day, '0.json.gz'), gzipSync(exported(0, 50)))
  await writeFile(join(day, '1.json'), `${exported(50, 60)}\n`)
  await writeFile(join(day, 'complete'), '')
  const { code, report } = await run(folder.path('export'))
  expect({ code, report }).toMatchObject({ code: 0, report: { files: 3, imported: 60, refused: 0 } })
  expect(numbers()).toEqual(upTo(60))
  expect(server.stored[0]).toMatchObject({
    projectId: acme.id,
    event: 'Signed up',
    properties: { time: 1_618_716_477, $import: true },
  })
})

test('what is below a prefix, gzip or not, without markers and without what is beside it', async () => {
  await put('raw/2021/04/18/0.json.gz', gzipSync(exported(0, 50)))
  await put('raw/2021/04/18/1.json', exported(50, 60))
  await put('raw/2021/04/18/complete', '')
  await put('raw-other/0.json', exported(60, 61))
  for (const name of [`s3://${customer.bucket}/raw`, `s3://${customer.bucket}/raw/2021/`]) {
    server.stored.length = 0
    const { code, report } = await run(name)
    expect({ code, report }).toMatchObject({ code: 0, report: { files: 2, imported: 60 } })
    expect(numbers()).toEqual(upTo(60))
  }
})

test('one object; what is refused is named by its place', async () => {
  await put('one/a b+ü.json', `${exported(0, 2)}\nno event\n`)
  const rejects = folder.path('rejects.ndjson')
  const name = `s3://${customer.bucket}/one/a b+ü.json`
  const { code, report, stderr } = await run(name, '--rejects', rejects)
  expect({ code, report, stderr }).toMatchObject({ code: 1, report: { files: 1, imported: 2, refused: 1 } })
})

test('a connection that breaks in the middle of an object: the rest is read on', async () => {
  await put('broken/0.json', exported(0, 3000))
  await sandbox.fault({ action: 'GetObject', key: 'broken/0', times: 2, cut_after_bytes: 200_000 })
  const { code, report } = await run(`s3://${customer.bucket}/broken/`)
  expect({ code, report }).toMatchObject({ code: 0, report: { imported: 3000, broken_files: [] } })
  const reads = (await sandbox.requests()).filter(({ key }) => key === 'broken/0.json')
  expect(reads.filter(({ action }) => action === 'GetObject')).toHaveLength(3)
  expect(numbers()).toEqual(upTo(3000))
})

test.each([
  ['nothing there', `s3://${customer.bucket}/none/`, /there is no such object, and none below it/],
  ['no such bucket', 's3://no-such-bucket-here/x', /no-such-bucket-here\/x can't be read/],
  ['no bucket', 's3://', /s3:\/\/BUCKET\/KEY/],
])('%s: exit 2, nothing sent', async (_name, name, sentence) => {
  const { code, stderr } = await run(name)
  expect(code).toBe(2)
  expect(stderr).toMatch(sentence)
  expect(server.stored).toEqual([])
})
