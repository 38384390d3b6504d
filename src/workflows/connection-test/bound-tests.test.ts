import { expect, test } from 'vitest'
import { createMemoryTurns } from '../../../test/support/memory-turns.ts'
import type { ProjectId } from '../../ids.ts'
import { boundTests } from './bound-tests.ts'
import type { DestinationTests } from './destination-tests.ts'
import type { ConnectionTest } from './tested-step.ts'

const passed: ConnectionTest = { ok: true, retryable: false, steps: [] }
const destination = {
  bucket: 'acme-raw',
  region: 'us-west-2',
  prefix: null,
  roleArn: 'arn:aws:iam::222222222222:role/export',
  encryption: 'none' as const,
  kmsKeyId: null,
}

test('so many of one project and so many in all; the next is refused until one has ended, well or not', async () => {
  const ends: ((fails: boolean) => void)[] = []
  const held = () =>
    new Promise<ConnectionTest>((resolve, reject) => {
      ends.push((fails) => (fails ? reject(new Error('broken')) : resolve(passed)))
    })
  const tests: DestinationTests = {
    trustMode: 'warn',
    whole: held,
    trust: held,
    sweep: async () => {},
    close: () => {},
  }
  const bounded = boundTests(tests, { turns: createMemoryTurns(2), inAllMax: 3 })
  const start = (project: number) =>
    bounded.whole({ projectId: project as ProjectId, externalId: '', destination })
  const busy = { code: 'CONNECTION_TESTS_BUSY', retryable: true }

  const running = [start(1), start(1)]
  await expect(start(1)).rejects.toMatchObject(busy)
  running.push(start(2))
  await expect(start(3)).rejects.toMatchObject(busy)
  ends[0]?.(false)
  expect(await running[0]).toBe(passed)
  ends[1]?.(true)
  await expect(running[1]).rejects.toThrow('broken')
  const next = start(1)
  await expect.poll(() => ends.length).toBe(4)
  ends[3]?.(false)
  expect(await next).toBe(passed)
  ends[2]?.(false)
  await running[2]
})
