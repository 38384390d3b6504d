import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openSpool } from './spool.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'penstock-spool-'))
})
afterAll(() => rm(folder, { recursive: true }))

const writeFailed = expect.objectContaining({ code: 'SPOOL_WRITE_FAILED', kind: 'outside', retryable: true })

test('what was appended is read where it stands, by one that knows no name of a file', async () => {
  const spool = await openSpool(folder)
  const places = await Promise.all(['first', '', 'second'].map((text) => spool.append(Buffer.from(text))))
  expect(places).toEqual([0, 5, 5])
  expect(Buffer.from(await spool.read(5, 6)).toString()).toBe('second')
  const chunks = await Array.fromAsync(spool.stream(0, 11, new Uint8Array(4)), (chunk) => Buffer.from(chunk))
  expect(chunks.map(String)).toEqual(['firs', 'tsec', 'ond'])
  expect(await readdir(folder)).toEqual([])
  await spool.close()
})

test('a disk that takes no more fails with a code, and so does a folder that can not be made', async () => {
  const spool = await openSpool(folder)
  await spool.close()
  await expect(spool.append(Buffer.from('late'))).rejects.toEqual(writeFailed)
  await writeFile(join(folder, 'no-folder'), '')
  await expect(openSpool(join(folder, 'no-folder', 'spool'))).rejects.toEqual(writeFailed)
})
