/** A command on a real terminal: a pseudo-terminal that util-linux's `script` opens. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { stripVTControlCharacters } from 'node:util'
import type { Env } from './penstock-process.ts'

/** Of util-linux, which every Linux has; another system's takes other arguments. */
export const hasTerminal = spawnSync('script', ['--version']).stdout?.includes('util-linux') ?? false

interface Shown {
  code: number | null
  /** Each line as it was last on the screen, and before that each state that it was overwritten in. */
  lines: string[]
}

export async function onTerminal(command: string[], env: Env): Promise<Shown> {
  const words = command.map((word) => `'${word}'`).join(' ')
  const child = spawn('script', ['--quiet', '--return', '--command', words, '/dev/null'], {
    env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '/', SHELL: '/bin/sh', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let text = ''
  child.stdout.on('data', (chunk) => {
    text += chunk
  })
  const [code] = await once(child, 'close')
  const lines = stripVTControlCharacters(text.replaceAll(toLineStart, '\n'))
    .split(/[\r\n]+/)
    .map((line) => line.trimEnd())
  return { code, lines: lines.filter((line) => line !== '') }
}

/** A bar is drawn over itself. */
const toLineStart = '\u001b[1G'
