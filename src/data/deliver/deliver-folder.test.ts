import { expect, test } from 'vitest'
import { exportFile, inOrder } from '../../../test/support/export-file.ts'
import { deliverFolder } from './deliver-folder.ts'
import type { Destination } from './destination.ts'

const folder = 'acme/42/2026/11/24/full_day/'

/** A bucket in memory that notes what is asked of it. */
function memoryBucket(...names: string[]) {
  const keys = new Set(names.map((name) => `${folder}${name}`))
  const steps: string[] = []
  const step = (verb: string, key: string) => steps.push(`${verb} ${key.slice(folder.length)}`.trimEnd())
  const destination: Destination = {
    async listFolder(prefix) {
      step('list', prefix)
      return [...keys].map((key) => ({ key, bytes: 1 }))
    },
    async putFile(key, _file, _signal, checkpoint) {
      checkpoint?.()
      step('put', key)
      keys.add(key)
    },
    async putMarker(key, _signal, checkpoint) {
      checkpoint?.()
      step('mark', key)
      keys.add(key)
    },
    async getObject() {
      throw new Error('no folder is written by reading')
    },
    async readObject() {
      throw new Error('no folder is written by reading')
    },
    async deleteObject(key, _signal, checkpoint) {
      checkpoint?.()
      step('delete', key)
      keys.delete(key)
    },
  }
  return { destination, steps, names: () => [...keys].map((key) => key.slice(folder.length)).sort() }
}

function delivery(files: ReturnType<typeof exportFile>[], checkpoint = () => {}) {
  return { folder, files: inOrder(files), uploadsMax: 1, signal: new AbortController().signal, checkpoint }
}

const files = () => [exportFile('part-00000-a.json.gz', ['1', '2']), exportFile('part-00001-b.json.gz')]

test('a first export lists, uploads, lists and marks; nothing is deleted', async () => {
  const bucket = memoryBucket()
  const told: string[] = []
  const result = await deliverFolder(bucket.destination, {
    ...delivery(files()),
    onDelivered: ({ key }) => told.push(key),
  })
  expect(bucket.steps).toEqual([
    'list',
    'put part-00000-a.json.gz',
    'put part-00001-b.json.gz',
    'list',
    'mark complete',
  ])
  expect(told).toEqual(result.files.map(({ key }) => key))
  expect(result.files).toMatchObject([
    {
      key: `${folder}part-00000-a.json.gz`,
      events: 2,
      crc32: files()[0]?.crc32,
      bytes: files()[0]?.lengthBytes,
    },
    { key: `${folder}part-00001-b.json.gz`, events: 1 },
  ])
})

test('a folder that was finished loses its marker before anything else, and strays before it is marked again', async () => {
  const bucket = memoryBucket(
    'complete',
    'part-00000-a.json.gz',
    'part-00000-old.json.gz',
    'notes.txt',
    'x.json',
  )
  await deliverFolder(bucket.destination, delivery(files()))
  expect(bucket.steps).toEqual([
    'list',
    'delete complete',
    'put part-00000-a.json.gz',
    'put part-00001-b.json.gz',
    'list',
    'delete part-00000-old.json.gz',
    'mark complete',
  ])
  expect(bucket.names()).toEqual([
    'complete',
    'notes.txt',
    'part-00000-a.json.gz',
    'part-00001-b.json.gz',
    'x.json',
  ])
})

test('a sync looks for strays beside its uploads, and they go before the folder is marked again', async () => {
  const bucket = memoryBucket(
    'complete',
    'part-00000-a.json.gz',
    'part-00001-old.json.gz',
    'part-00002-c.json.gz',
  )
  const keep = new Set([`${folder}part-00002-c.json.gz`])
  await deliverFolder(bucket.destination, { ...delivery(files()), isFinished: true, keep })
  expect(bucket.steps.at(0)).toBe('delete complete')
  expect(bucket.steps.slice(1, 4).sort()).toEqual([
    'list',
    'put part-00000-a.json.gz',
    'put part-00001-b.json.gz',
  ])
  expect(bucket.steps.slice(4)).toEqual(['delete part-00001-old.json.gz', 'mark complete'])
})

test('a sync whose upload fails ends once its look at the folder has ended', async () => {
  const bucket = memoryBucket('complete')
  const listing = Promise.withResolvers<[]>()
  const failing: Destination = {
    ...bucket.destination,
    listFolder: () => listing.promise,
    putFile: () => Promise.reject(new Error('refused')),
  }
  let isOver = false
  const delivering = deliverFolder(failing, { ...delivery(files()), isFinished: true }).finally(() => {
    isOver = true
  })
  delivering.catch(() => undefined)
  await new Promise(setImmediate)
  expect(isOver).toBe(false)
  listing.resolve([])
  await expect(delivering).rejects.toThrow('refused')
  expect(bucket.steps).toEqual(['delete complete'])
})

test('wherever it stops, the folder is unmarked; done again, it ends the same', async () => {
  const before = ['complete', 'part-00000-old.json.gz']
  const whole = memoryBucket(...before)
  await deliverFolder(whole.destination, delivery(files()))
  const changeCount = whole.steps.filter((step) => step !== 'list').length
  for (let stopAt = 1; stopAt <= changeCount; stopAt++) {
    const bucket = memoryBucket(...before)
    let changes = 0
    const stop = () => {
      if (++changes === stopAt) throw new Error('the lease is gone')
    }
    await expect(deliverFolder(bucket.destination, delivery(files(), stop))).rejects.toThrow('lease')
    expect(bucket.names().includes('complete')).toBe(stopAt === 1)
    await deliverFolder(bucket.destination, delivery(files()))
    expect(bucket.names()).toEqual(whole.names())
  }
})

test('two files of one name are a defect, and the folder is not marked', async () => {
  const bucket = memoryBucket()
  const twice = delivery([exportFile('part-00000-a.json.gz'), exportFile('part-00000-a.json.gz')])
  await expect(deliverFolder(bucket.destination, twice)).rejects.toMatchObject({
    kind: 'invariant',
    code: 'EXPORT_FILES_CLASH',
  })
  expect(bucket.names()).not.toContain('complete')
})
