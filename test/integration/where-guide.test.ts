import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { checkWhere, createWhereFilter } from '../../src/data/segmentation/where.ts'

const guide = readFileSync(new URL('../../docs/guides/where.md', import.meta.url), 'utf8')

test("the guide's examples are exported or not, as it says", () => {
  const examples = rowsOf('## By example')
  expect(examples.length).toBeGreaterThan(10)
  for (const [where = '', properties = '', exported] of examples) {
    const line = Buffer.from(`{"event":"Viewed","properties":${properties}}\n`)
    expect(createWhereFilter(where)(line)(0, line.length) ? 'yes' : 'no', where).toBe(exported)
    expect(checkWhere(where), where).toEqual({ warnings: [] })
  }
})

test("the guide's refusals and warnings are those that an answer has", () => {
  const [refused, warned] = ['| expression | the error says |', '| expression | warning |'].map(rowsOf)
  for (const [where = '', problem] of refused ?? []) expect(checkWhere(where)).toEqual({ problem })
  for (const [where = '', warning] of warned ?? []) expect(checkWhere(where)).toEqual({ warnings: [warning] })
  expect(refused?.length).toBeGreaterThan(3)
  expect(warned?.length).toBeGreaterThan(0)
})

/** The rows of the first table after a text, without the quotes of code. */
function rowsOf(after: string): string[][] {
  const [table = ''] = /\| --- [^\n]*\n(?:\|[^\n]*\n)+/.exec(guide.slice(guide.indexOf(after))) ?? []
  return table
    .split('\n')
    .slice(1, -1)
    .map((row) => row.split(' | ').map((cell) => cell.replace(/^\| | \|$/g, '').replace(/^`(.*)`$/, '$1')))
}
