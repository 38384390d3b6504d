/** Results that stay: `bench/results/DATE.json` for programs and `DATE.md` for people, with the machine and the command. */
import { execFile } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { arch, cpus, loadavg, release, totalmem, type } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Result } from './measure.ts'
import { jsonEntry, tableRow } from './report.ts'

const folder = join(import.meta.dirname, '../results')

/** What results depend on beside the code. */
interface Circumstances {
  date: string
  command: string
  /** Of the code; ends in `+` where files have changed since. */
  commit: string
  machine: string
  /** Processes that ran or waited to, on the average of the minute before the run, and before its latest result. */
  load: [number, number]
}

export interface Recording {
  result(result: Result): void
  /** A measure that gave no result. */
  without(measure: string, why: string): void
}

interface Missed {
  measure: string
  why: string
}

/** The files are written anew with each result, so that a long run that breaks off leaves its first ones. */
export async function startRecord(command: string, say: (text: string) => void): Promise<Recording> {
  const circumstances: Circumstances = {
    date: new Date().toISOString().slice(0, 16),
    command,
    commit: await currentCommit(),
    machine: describeMachine(),
    load: [currentLoad(), currentLoad()],
  }
  const path = join(folder, circumstances.date.replace(':', ''))
  const results: Result[] = []
  const without: Missed[] = []
  const write = (): void => {
    circumstances.load[1] = currentLoad()
    mkdirSync(folder, { recursive: true })
    const written = { ...circumstances, results: results.map(jsonEntry), without }
    writeFileSync(`${path}.json`, `${JSON.stringify(written, null, 2)}\n`)
    writeFileSync(`${path}.md`, markdown(circumstances, results, without))
    say(`recorded in ${path}.md`)
  }
  return {
    result: (result) => {
      results.push(result)
      write()
    },
    without: (measure, why) => {
      without.push({ measure, why })
      write()
    },
  }
}

function markdown(
  { date, command, commit, machine, load }: Circumstances,
  results: readonly Result[],
  without: readonly Missed[],
): string {
  const missed = without.map(({ measure, why }) => `- \`${measure}\` gave no result: ${why}`)
  const notes = results.map(({ name, notes: each }) => `- \`${name}\`: ${each.join('; ')}`)
  return [
    `# ${date.replace('T', ' ')} UTC`,
    '',
    `\`${command}\` at ${commit}, on ${machine}; the machine's load before it ${load[0]}, at its end ${load[1]}.`,
    '',
    '| measure | ratio | least to most | aim | | ours | baseline | own peak memory | pairs |',
    '| --- | --- | --- | --- | --- | --- | --- | --- | --- |',
    ...results.map(tableRow),
    '',
    ...notes,
    ...missed,
    '',
  ].join('\n')
}

function currentLoad(): number {
  return Number((loadavg()[0] ?? 0).toFixed(1))
}

function describeMachine(): string {
  const [{ model = 'unknown processor' } = {}] = cpus()
  const memory = `${Math.round(totalmem() / 1e9)} GB`
  return `${cpus().length} cores of ${model.trim()}, ${memory}, ${type()} ${release()} ${arch()}, Node ${process.versions.node}`
}

async function currentCommit(): Promise<string> {
  const git = async (...args: string[]): Promise<string> =>
    (await promisify(execFile)('git', args, { cwd: import.meta.dirname })).stdout.trim()
  try {
    const changed = (await git('status', '--porcelain', '--untracked-files=no')) !== ''
    return `${await git('rev-parse', '--short', 'HEAD')}${changed ? '+' : ''}`
  } catch {
    return 'an unknown commit'
  }
}
