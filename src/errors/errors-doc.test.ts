/** docs/errors.md lists every code, and no other: whoever meets a code finds it there. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '../..')
const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'))
  .map((path) => readFileSync(join(root, 'src', path), 'utf8'))
const rows = readFileSync(join(root, 'docs/errors.md'), 'utf8')
  .split('\n')
  .filter((line) => /^\| [A-Z0-9_]+ \|/.test(line))
  .map((line) => line.split('|').map((cell) => cell.trim()))
const documented = rows.map(([, code = '']) => code)

/** A code is a text of capital words joined by `_`; so are names in the environment and Node's own codes. */
function codesIn(source: string): string[] {
  const texts = [...source.matchAll(/'([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)'/g)].map(([, text = '']) => text)
  return texts.filter((text) => !/^(PENSTOCK|AWS|ERR|NODE|UV|CERT|EAI)_/.test(text))
}

test('every code that the source raises is documented', () => {
  const raised = sources.filter((source) => source.includes('PenstockError')).flatMap(codesIn)
  expect([...new Set(raised)].filter((code) => !documented.includes(code))).toEqual([])
})

test('every code that is documented stands in the source, once in the table', () => {
  const known = new Set(sources.flatMap(codesIn))
  expect(documented.filter((code) => !known.has(code))).toEqual([])
  expect(documented.filter((code, index) => documented.indexOf(code) !== index)).toEqual([])
})

test('every row says whose doing it is, whether to try again, what it means and what to do', () => {
  for (const [, code, kind, retryable, meaning, action] of rows) {
    expect(['caller', 'outside', 'invariant'], code).toContain(kind)
    expect(['yes', 'no'], code).toContain(retryable)
    expect([meaning, action], code).toEqual([expect.stringMatching(/\w/), expect.stringMatching(/\w/)])
  }
})
