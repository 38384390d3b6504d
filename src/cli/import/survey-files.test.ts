import { link, mkdir } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestFolder } from '../../../test/support/import-run.ts'
import { createStoredObjects } from './stored-objects.ts'
import { surveyFiles as survey } from './survey-files.ts'

let folder: Awaited<ReturnType<typeof createTestFolder>>
let three: string

const surveyFiles = (files: string[], rejects?: string) => survey(files, rejects, createStoredObjects({}))
let five: string

beforeAll(async () => {
  folder = await createTestFolder()
  three = await folder.write('three', '123')
  five = await folder.write('five', '12345')
})

afterAll(() => folder.remove())

test('sizes are added up; with standard input or a device among them there is no sum', async () => {
  expect(await surveyFiles([three, five])).toEqual({ files: [three, five], bytes: 8 })
  expect(await surveyFiles([three, '-', five])).toMatchObject({ bytes: undefined })
  expect(await surveyFiles([three, '/dev/null'])).toMatchObject({ bytes: undefined })
})

test('a file that is not there is told by name', async () => {
  const missing = folder.path('missing')
  await expect(surveyFiles([three, missing])).rejects.toMatchObject({
    code: 'IMPORT_FILE_UNREADABLE',
    message: expect.stringContaining(`${missing} can't be read`),
  })
})

test('the rejects must not overwrite what is to be imported, under whatever name', async () => {
  const alias = folder.path('alias')
  await link(five, alias)
  await expect(surveyFiles([three, five], alias)).rejects.toMatchObject({
    code: 'IMPORT_REJECTS_UNWRITABLE',
    message: expect.stringContaining(`it is ${five}, which is to be imported`),
  })
  expect(await surveyFiles([five], three)).toMatchObject({ bytes: 5 })
})

test('a folder stands for the files in it and below it, by their names, without hidden ones', async () => {
  await mkdir(folder.path('export/02'), { recursive: true })
  await mkdir(folder.path('export/01'))
  const second = await folder.write('export/02/a.json.gz', '12')
  const first = await folder.write('export/01/b.json.gz', '1')
  await folder.write('export/.hidden', 'x')
  expect(await surveyFiles([folder.path('export')])).toEqual({ files: [first, second], bytes: 3 })
})
