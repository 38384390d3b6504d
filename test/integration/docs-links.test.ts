import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { settings } from '../../src/config/settings.ts'

const root = join(import.meta.dirname, '../..')
const pages = execFileSync('git', ['ls-files', '*.md'], { cwd: root, encoding: 'utf8' }).trim().split('\n')

test('every relative link of the documentation leads somewhere', () => {
  const links = pages.flatMap((page) =>
    [...readFileSync(join(root, page), 'utf8').matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)].map(
      ([, target = '']) => ({ page, target }),
    ),
  )
  expect(links.length).toBeGreaterThan(20)
  expect(links.filter(({ page, target }) => !existsSync(join(root, dirname(page), target)))).toEqual([])
})

test('every file of the repository that the documentation names is there', () => {
  const named = pages.flatMap((page) =>
    [
      ...readFileSync(join(root, page), 'utf8').matchAll(
        /`((?:src|sandbox|demo|test|scripts|bench|docs)\/[\w./-]*)`/g,
      ),
    ].map(([, path = '']) => ({ page, path })),
  )
  expect(named.length).toBeGreaterThan(10)
  expect(named.filter(({ path }) => !existsSync(join(root, path)))).toEqual([])
})

test("the README's commands are those of package.json", () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>
  }
  const readme = readFileSync(join(root, 'README.md'), 'utf8')
  expect(readme).toContain('npm ci && npm run demo')
  expect(readme).toContain('npm ci && npm test')
  expect(Object.keys(scripts)).toEqual(expect.arrayContaining(['demo', 'test', 'check']))
})

test('every setting that the documentation or a deployment file names is one that the program has', () => {
  const known: string[] = Object.values(settings).map(({ env }) => env)
  const files = execFileSync('git', ['ls-files', '*.md', 'deploy'], { cwd: root, encoding: 'utf8' })
  const named = files
    .trim()
    .split('\n')
    // Developers set what the program knows nothing of; what was decided once may name what there is no more.
    .filter((path) => path !== 'CONTRIBUTING.md' && !path.startsWith('docs/decisions/'))
    .flatMap((path) =>
      [...readFileSync(join(root, path), 'utf8').matchAll(/PENSTOCK_[A-Z0-9_]*[A-Z0-9]/g)].map(([name]) => ({
        path,
        name,
      })),
    )
  expect(named.length).toBeGreaterThan(100)
  const isPart = (name: string) => known.some((one) => one.startsWith(`${name}_`))
  expect(named.filter(({ name }) => !known.includes(name) && !isPart(name))).toEqual([])
})
