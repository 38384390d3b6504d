import { link } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestFolder } from '../../../test/support/import-run.ts'
import { surveyFiles } from './survey-files.ts'

let folder: Awaited<ReturnType<typeof createTestFolder>>
let three: string
let five: string

beforeAll(async () => {
  folder = await createTestFolder()
  three = await folder.write('three', '123')
  five = await folder.write('five', '12345')
})

afterAll(() => folder.remove())

test('sizes are added up; with standard input or a device among them there is no sum', async () => {
  expect(await surveyFiles([three, five], undefined)).toBe(8)
  expect(await surveyFiles([three, '-', five], undefined)).toBeUndefined()
  expect(await surveyFiles([three, '/dev/null'], undefined)).toBeUndefined()
})

test('a file that is not there, and a folder, are told by name', async () => {
  const missing = folder.path('missing')
  await expect(surveyFiles([three, missing], undefined)).rejects.toMatchObject({
    code: 'IMPORT_FILE_UNREADABLE',
    message: expect.stringContaining(`${missing} can't be read`),
  })
  await expect(surveyFiles([tmpdir()], undefined)).rejects.toThrow('it is a folder')
})

test('the rejects must not overwrite what is to be imported, under whatever name', async () => {
  const alias = folder.path('alias')
  await link(five, alias)
  await expect(surveyFiles([three, five], alias)).rejects.toMatchObject({
    code: 'IMPORT_REJECTS_UNWRITABLE',
    message: expect.stringContaining(`it is ${five}, which is to be imported`),
  })
  expect(await surveyFiles([five], three)).toBe(5)
})
