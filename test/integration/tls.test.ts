/** HTTPS by `PENSTOCK_TLS_CERT` and `PENSTOCK_TLS_KEY`. */
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeCertificate, writeCertificate } from '../support/certificate.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { type Env, penstock, startPenstock } from '../support/penstock-process.ts'

let folder: string
let database: TestDatabase
let env: Env
let certificate: { cert: string; key: string }
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'penstock-tls-'))
  database = await createTestDatabase()
  env = {
    PENSTOCK_DATABASE_URL: database.url,
    PENSTOCK_DATA_DIR: join(folder, 'data'),
    PENSTOCK_TLS_CERT: join(folder, 'cert.pem'),
    PENSTOCK_TLS_KEY: join(folder, 'key.pem'),
  }
  certificate = await makeCertificate('penstock')
  await writeCertificate(certificate, { cert: env.PENSTOCK_TLS_CERT ?? '', key: env.PENSTOCK_TLS_KEY ?? '' })
})
afterAll(async () => {
  await database?.drop()
  await rm(folder, { recursive: true, force: true })
})

async function health(port: string): Promise<number | undefined> {
  const ca = certificate.cert
  const asked = request({ host: '127.0.0.1', port, path: '/healthz', ca, agent: false }).end()
  const [answer] = await once(asked, 'response')
  answer.resume()
  return answer.statusCode
}

test('serves HTTPS alone, on a kept-alive connection too, and ends it at SIGTERM', async () => {
  const server = await startPenstock(env)
  const { port, protocol } = new URL(server.url)
  expect(protocol).toBe('https:')
  expect(await health(port)).toBe(200)
  await expect(fetch(`http://127.0.0.1:${port}/healthz`)).rejects.toThrow()
  const kept = connect({ port: Number(port), host: '127.0.0.1', rejectUnauthorized: false })
  kept.write('GET /healthz HTTP/1.1\r\nhost: penstock\r\n\r\n')
  await once(kept, 'data')
  const ended = once(kept, 'close')
  expect(await server.kill('SIGTERM'), server.log()).toBe(0)
  await ended
})

test('one file without the other, a key of another certificate, a file that is not there: named, and not started', async () => {
  const ended = async (changes: Env) => await penstock(['serve'], { ...env, PENSTOCK_PORT: '0', ...changes })
  const { PENSTOCK_TLS_KEY: _key, ...onlyCert } = env
  const alone = await penstock(['serve'], { ...onlyCert, PENSTOCK_PORT: '0' })
  expect([alone.code, alone.stderr]).toEqual([
    2,
    expect.stringMatching(/^CONFIG_INVALID: .*PENSTOCK_TLS_CERT and PENSTOCK_TLS_KEY are set together/),
  ])
  const foreignKey = join(folder, 'foreign.pem')
  await writeFile(foreignKey, (await makeCertificate('foreign')).key)
  const foreign = await ended({ PENSTOCK_TLS_KEY: foreignKey })
  expect([foreign.code, foreign.stderr]).toEqual([1, expect.stringMatching(/TLS_FILES_INVALID: .*key/)])
  await writeFile(join(folder, 'no.pem'), 'none')
  const none = await ended({ PENSTOCK_TLS_CERT: join(folder, 'no.pem') })
  expect([none.code, none.stderr]).toEqual([1, expect.stringMatching(/TLS_FILES_INVALID: .*no\.pem/)])
})
