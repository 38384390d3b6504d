import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** In a clone, and of what is built from it. */
const packageFiles = ['..', '../..'].map((folder) => join(import.meta.dirname, folder, 'package.json'))

/** Of this program, as its package says it: `0.1.0`. */
export function readVersion(): string {
  const path = packageFiles.find(existsSync)
  if (path === undefined) throw new Error(`no ${packageFiles.join(' or ')}: install the package again`)
  return JSON.parse(readFileSync(path, 'utf8')).version
}
