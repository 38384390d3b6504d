/** What `npm run build:web` makes: small at first load, and nothing in it that the page's policy refuses. */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'

const dist = join(import.meta.dirname, '../../web/dist')
const firstLoadBytesMax = 200_000

interface Chunk {
  file: string
  css?: string[]
  imports?: string[]
  dynamicImports?: string[]
}

const manifest: Record<string, Chunk> = JSON.parse(readFileSync(join(dist, '.vite/manifest.json'), 'utf8'))
const entry = 'index.html'
const pages = manifest[entry]?.dynamicImports ?? []

/** All that a browser loads before it can show the chunk. */
function filesOf(name: string, seen = new Set<string>()): Set<string> {
  const chunk = manifest[name]
  if (chunk === undefined || seen.has(chunk.file)) return seen
  for (const file of [chunk.file, ...(chunk.css ?? [])]) seen.add(file)
  for (const imported of chunk.imports ?? []) filesOf(imported, seen)
  return seen
}

function compressedBytes(files: Iterable<string>): number {
  return [...files].reduce((sum, file) => sum + gzipSync(readFileSync(join(dist, file))).length, 0)
}

test('every page of the router is a chunk of its own', () => {
  expect(pages.length).toBeGreaterThanOrEqual(7)
  expect(pages.every((page) => /-page\.tsx$/.test(page))).toBe(true)
})

test.each(pages)('%s is loaded with less than 200 kB, compressed', (page) => {
  const files = new Set(['index.html', ...filesOf(entry), ...filesOf(page)])
  expect(compressedBytes(files)).toBeLessThan(firstLoadBytesMax)
})

describe('the page keeps its own policy', () => {
  const html = readFileSync(join(dist, 'index.html'), 'utf8')

  test('no script and no style stands inline', () => {
    expect(html.match(/<script(?![^>]*\ssrc=)[^>]*>/g)).toBeNull()
    expect(html).not.toMatch(/<style|\sstyle=|\son\w+=/)
  })

  test('its files come from its own server', () => {
    expect(html).not.toMatch(/(?:src|href)="(?!\/)/)
    for (const file of globSync('assets/*.css', { cwd: dist })) {
      const css = readFileSync(join(dist, file), 'utf8')
      expect(css).not.toMatch(/@import|url\((?!["']?\/assets\/)/)
    }
  })
})
