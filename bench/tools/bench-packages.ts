/** Heavy packages of bench/package.json, installed when the first measure asks for them. */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'

const folder = join(import.meta.dirname, '..')
const installMsMax = 600_000

/** Undefined when they are there; else why they can't be had. */
export async function installBenchPackages(say: (text: string) => void): Promise<string | undefined> {
  if (await areInstalled()) return undefined
  say('installing the packages of bench/package.json')
  try {
    await promisify(execFile)('npm', ['ci', '--no-audit', '--no-fund'], {
      cwd: folder,
      timeout: installMsMax,
    })
    return undefined
  } catch (cause) {
    return `npm ci in bench/ failed: ${cause instanceof Error ? cause.message : cause}`
  }
}

async function areInstalled(): Promise<boolean> {
  const { dependencies } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>
  }
  return Object.keys(dependencies).every((name) => existsSync(join(folder, 'node_modules', name)))
}

/** The root's type check does without these packages, so the caller names what it uses of one. */
export async function loadBenchPackage<Used>(name: string): Promise<Used> {
  const path = createRequire(join(folder, 'package.json')).resolve(name)
  const loaded = (await import(pathToFileURL(path).href)) as Used & { default?: Used }
  return loaded.default ?? loaded
}
