/** The bench as a program: whatever ends it, it leaves nothing behind; and it fails where a result is wrong. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, expect, test } from 'vitest'

let temporary: string
beforeEach(async () => {
  temporary = await mkdtemp(join(tmpdir(), 'penstock-bench-test-'))
})
afterEach(() => rm(temporary, { recursive: true, force: true }))

/** Programs whose command line names the bench's folder: the serving process, the worker, the sandbox, PostgreSQL. */
async function programsThere(): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const lines = await Promise.all(
    pids.map((pid) =>
      Promise.all([
        readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ''),
        readFile(`/proc/${pid}/environ`, 'utf8').catch(() => ''),
      ]),
    ),
  )
  return lines.filter((texts) => texts.some((text) => text.includes(temporary))).map(([line]) => line)
}

// What a bench starts is found by /proc.
test.runIf(process.platform === 'linux')(
  'interrupted in the middle of a measure, it stops what it has started and removes its folder',
  { timeout: 240_000 },
  async () => {
    const bench = spawn(
      process.execPath,
      [join(import.meta.dirname, 'run.ts'), '--quick', '--only', 'export-rclone'],
      {
        env: { ...process.env, TMPDIR: temporary },
        stdio: ['ignore', 'ignore', 'pipe'],
      },
    )
    const ended = once(bench, 'exit')
    for await (const chunk of bench.stderr) if (String(chunk).includes('imported')) break
    bench.kill('SIGTERM')
    const [code] = await ended
    expect(code).toBe(143)
    // Generated days stay, for the next bench.
    expect(await readdir(temporary)).toEqual(['penstock-bench-cache'])
    expect(await programsThere()).toEqual([])
  },
)

test('it ends with 1 where a result is wrong, and names the measure', { timeout: 120_000 }, async () => {
  const program = join(import.meta.dirname, 'spoilt/spoilt-run-process.ts')
  const bench = spawn(process.execPath, [program, '--quick', '--only', 'key-planning'], {
    env: { ...process.env, TMPDIR: temporary },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = once(bench, 'close')
  const [told, results] = await Promise.all([text(bench.stderr), text(bench.stdout)])
  expect(await ended).toEqual([1, null])
  expect(told).toContain('WRONG: key-planning: 4 lines were found to lose, of 5 that do')
  expect(results).toBe('')
})
