/** Programs that the bench compares with: in PATH, or else from Debian's packages. */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import type { Missing } from './missing.ts'

/** A program's path, or why it can't be had. */
export type Tool = { path: string } | Missing

const packages = { rclone: 'rclone', aws: 'awscli', jq: 'jq' } as const
export type ToolName = keyof typeof packages

const installMsMax = 600_000

/** @param mayInstall else only what is there is taken */
export async function findTool(
  name: ToolName,
  say: (text: string) => void,
  mayInstall: boolean,
): Promise<Tool> {
  const found = inPath(name)
  if (found !== undefined) return { path: found }
  if (!mayInstall) return { missing: `${name} is not installed: apt-get install ${packages[name]}` }
  if (process.getuid?.() !== 0 || inPath('apt-get') === undefined) {
    return {
      missing: `${name} is not installed, and this user can't install it: apt-get install ${packages[name]}`,
    }
  }
  say(`installing ${packages[name]} from the distribution's packages`)
  try {
    await install(packages[name])
  } catch (cause) {
    return { missing: `${name} can't be installed: ${cause instanceof Error ? cause.message : cause}` }
  }
  const installed = inPath(name)
  return installed === undefined ? { missing: `${packages[name]} brings no ${name}` } : { path: installed }
}

async function install(name: string): Promise<void> {
  const run = promisify(execFile)
  const options = { timeout: installMsMax, env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } }
  await run('apt-get', ['update'], options)
  await run('apt-get', ['install', '-y', '--no-install-recommends', name], options)
}

function inPath(program: string): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/bin']
  return folders.map((folder) => join(folder, program)).find((path) => existsSync(path))
}
