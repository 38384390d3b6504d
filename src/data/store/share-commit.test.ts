import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { ProjectId } from '../../ids.ts'
import { shareCommit } from './share-commit.ts'

const item = (projectId: number, bytes: number, serial = 0) => ({
  serial,
  batch: { projectId: projectId as ProjectId, lines: new Uint8Array(bytes) },
})

test('nothing is lost or taken twice, each project keeps its order, and a commit is bounded', () => {
  const waiting = fc
    .array(fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 0, max: 200_000 })), {
      minLength: 1,
      maxLength: 60,
    })
    .map((batches) => batches.map(([project, bytes], serial) => item(project, bytes, serial)))
  fc.assert(
    fc.property(waiting, fc.integer({ min: 1, max: 1_000_000 }), (items, bytesMax) => {
      const { taken, left } = shareCommit(items, bytesMax)
      expect([...taken, ...left].map(({ serial }) => serial).toSorted((a, b) => a - b)).toEqual(
        items.map(({ serial }) => serial),
      )
      expect(taken.length).toBeGreaterThan(0)
      for (const { batch, serial } of left) {
        const later = taken.filter((one) => one.batch.projectId === batch.projectId && one.serial > serial)
        expect(later).toEqual([])
      }
      const bytes = taken.reduce((sum, { batch }) => sum + batch.lines.length, 0)
      expect(bytes).toBeLessThan(bytesMax + 200_001)
    }),
  )
})

test('a batch of each of a hundred projects goes before the third of one that sends in masses', () => {
  const masses = Array.from({ length: 100 }, () => item(1, 64 * 1024))
  const others = Array.from({ length: 100 }, (_, index) => item(index + 2, 100))
  const { taken } = shareCommit([...masses, ...others], 256 * 1024)
  expect(taken.filter(({ batch }) => batch.projectId > 1)).toHaveLength(100)
})
