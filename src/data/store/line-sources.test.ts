import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeLineSources, encodeLineSources } from './line-sources.ts'

test('the sources of lines are read as they were written', () => {
  const runs = fc.array(fc.tuple(fc.nat({ max: 2 ** 20 }), fc.integer({ min: 1, max: 300 })), {
    maxLength: 40,
  })
  fc.assert(
    fc.property(runs, (ofRuns) => {
      const sources = Uint32Array.from(
        ofRuns.flatMap(([source, length]) => new Array<number>(length).fill(source)),
      )
      expect(decodeLineSources(encodeLineSources(sources), sources.length)).toEqual(sources)
    }),
  )
})

test('a thousand lines of one source take a few bytes, and a line whose neighbour came a little earlier takes one', () => {
  expect(encodeLineSources(new Uint32Array(1000).fill(7)).length).toBeLessThanOrEqual(4)
  expect(encodeLineSources(Uint32Array.from({ length: 100 }, (_, line) => line * 3))).toHaveLength(100)
})
