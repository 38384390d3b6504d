import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { makeCertificate, writeCertificate } from '../../test/support/certificate.ts'
import { silentLog } from '../../test/support/silent-log.ts'
import { readTlsFiles, renewTls, type TlsFiles } from './tls-files.ts'

let folder: string
let files: TlsFiles
let server: Server
let stop: () => Promise<void>
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'penstock-tls-files-'))
  files = { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') }
  await use('old')
  server = createServer(await readTlsFiles(files)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  stop = renewTls(server, files, silentLog, 20)
})
afterEach(async () => {
  await stop()
  server.close()
  await rm(folder, { recursive: true, force: true })
})

async function use(name: string): Promise<void> {
  await writeCertificate(await makeCertificate(name), files)
}

/** The name in the certificate that a new connection is shown. */
async function shown(): Promise<string> {
  const { port } = server.address() as AddressInfo
  const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false })
  await once(socket, 'secureConnect')
  const { subject } = socket.getPeerCertificate()
  socket.destroy()
  return String(subject.CN)
}

test('a renewed certificate is shown to new connections; one that is broken leaves the last good one', async () => {
  expect(await shown()).toBe('old')
  await use('new')
  await expect.poll(shown).toBe('new')
  await writeFile(files.cert, 'half of a certif')
  await new Promise((resolve) => setTimeout(resolve, 100))
  expect(await shown()).toBe('new')
  await use('old')
  await expect.poll(shown).toBe('old')
})
