/** Processes as Linux counts them: how long they ran, their CPU, the most memory they held. */
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'

export interface Finished {
  seconds: number
  cpuSeconds: number
  peakRssBytes: number
}

const lookEveryMs = 20
/** Of proc(5), /proc/PID/stat: clock ticks, of which Linux shows programs 100 a second. */
const ticksPerSecond = 100

/** Runs a program to its end. Throws with what it said where it fails. */
export async function runProgram(
  program: string,
  args: readonly string[],
  options: Pick<SpawnOptions, 'env' | 'cwd'> = {},
): Promise<Finished> {
  const startedMs = performance.now()
  const cpuBefore = childrenCpuSeconds()
  const child = spawn(program, args, { ...options, stdio: ['ignore', 'ignore', 'pipe'] })
  const peak = watchPeak(child)
  try {
    await succeeded(child)
  } finally {
    peak.stop()
  }
  const seconds = (performance.now() - startedMs) / 1000
  return { seconds, cpuSeconds: childrenCpuSeconds() - cpuBefore, peakRssBytes: peak.bytes() }
}

async function succeeded(child: ChildProcess): Promise<void> {
  let said = ''
  child.stderr?.on('data', (chunk) => {
    said = (said + chunk).slice(-4000)
  })
  const [code, signal] = await once(child, 'close')
  if (code !== 0) throw new Error(`${child.spawnfile} ended with ${code ?? signal}: ${said}`)
}

/** Looks at the high-water marks of a program and of those that it has started, while they run; gives their sum. */
function watchPeak({ pid }: ChildProcess): { stop(): void; bytes(): number } {
  const peaks = new Map<number, number>()
  const look = (): void => {
    for (const each of withChildren(pid)) peaks.set(each, Math.max(peaks.get(each) ?? 0, peakRssOf(each)))
  }
  look()
  const timer = setInterval(look, lookEveryMs)
  return {
    stop: () => clearInterval(timer),
    bytes: () => [...peaks.values()].reduce((sum, bytes) => sum + bytes, 0),
  }
}

function withChildren(pid: number | undefined): number[] {
  if (pid === undefined) return []
  const children = readProc(`/proc/${pid}/task/${pid}/children`).split(' ').filter(Boolean).map(Number)
  return [pid, ...children.flatMap(withChildren)]
}

/** 0 where the process has ended, or the machine has no /proc. */
export function peakRssOf(pid: number): number {
  return Number(/VmHWM:\s+(\d+) kB/.exec(readProc(`/proc/${pid}/status`))?.[1] ?? 0) * 1024
}

/** User and system time that a process has taken so far. */
export function cpuSecondsOf(pid: number): number {
  const fields = statOf(pid)
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) / ticksPerSecond
}

/** The same of a process, of those that it has started, and of those of them that have ended since. */
export function familyCpuSeconds(pid: number): number {
  const ticks = withChildren(pid).flatMap((each) => statOf(each).slice(11, 15))
  return ticks.reduce((sum, each) => sum + Number(each), 0) / ticksPerSecond
}

/** User and system time, and that of interrupts, that the machine's cores have given so far (proc(5), /proc/stat). */
export function machineCpuSeconds(): number {
  const ofAll = readProc('/proc/stat').split('\n')[0] ?? ''
  const [user = 0, nice = 0, system = 0, _idle, _waiting, irq = 0, softIrq = 0] = ofAll
    .split(/ +/)
    .slice(1)
    .map(Number)
  return (user + nice + system + irq + softIrq) / ticksPerSecond
}

/** The same of this process's children that have ended. */
function childrenCpuSeconds(): number {
  const fields = statOf(process.pid)
  return (Number(fields[13] ?? 0) + Number(fields[14] ?? 0)) / ticksPerSecond
}

/** Sets the high-water mark of a process's resident set back to what it is now (proc(5), clear_refs). */
export function forgetPeakRss(pid: number): void {
  try {
    writeFileSync(`/proc/${pid}/clear_refs`, '5')
  } catch {
    // Elsewhere than on Linux the peak is that of the whole process.
  }
}

/** Fields of proc(5), /proc/PID/stat, from the third on: the second, a name in parentheses, may hold spaces. */
function statOf(pid: number): string[] {
  const stat = readProc(`/proc/${pid}/stat`)
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
}

function readProc(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
