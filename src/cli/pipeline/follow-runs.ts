import { setTimeout as wait } from 'node:timers/promises'
import type { WriteStream } from 'node:tty'
import { runStates } from '../../control/runs/run-state.ts'
import type { PipelineClient } from './pipeline-client.ts'

/** `failed`: some runs have failed or timed out. `paused`: the pipeline is, and its runs wait. */
export type FollowEnd = 'finished' | 'failed' | 'paused'

type Counts = Awaited<ReturnType<PipelineClient['count']>>

const unfinished = ['pending', 'running', 'retried'] as const

/** Shows how far a pipeline's runs have come until none is left to do: on a terminal one line that changes. */
export async function followRuns(
  client: PipelineClient,
  name: string,
  stream: Pick<WriteStream, 'write'> & { isTTY?: boolean },
  intervalMs = 1000,
): Promise<FollowEnd> {
  let last = ''
  const say = (line: string): void => {
    if (line === last) return
    last = line
    stream.write(stream.isTTY === true ? `\r\u001b[K${line}` : `${line}\n`)
  }
  const end = (how: FollowEnd): FollowEnd => {
    if (stream.isTTY === true) stream.write('\n')
    return how
  }
  for (;;) {
    const counts = await client.count(name)
    say(progressLine(name, counts))
    if (unfinished.every((state) => counts[state] === undefined)) {
      return end(counts.failed === undefined && counts.timed_out === undefined ? 'finished' : 'failed')
    }
    const pipeline = await client.find(name)
    if (pipeline.state === 'paused' && counts.running === undefined) {
      stream.write(
        `\n${name} is paused${pipeline.pause_reason === undefined ? '' : `: ${pipeline.pause_reason}`}\n`,
      )
      return 'paused'
    }
    await wait(intervalMs)
  }
}

/** As `events-daily-s3-raw: 12 of 31 folders done, 4 running, 15 pending`. */
function progressLine(name: string, counts: Counts): string {
  const all = runStates.reduce((sum, state) => sum + (counts[state] ?? 0), 0)
  const rest = runStates
    .filter((state) => state !== 'succeeded' && counts[state] !== undefined)
    .map((state) => `, ${counts[state]} ${state.replace('_', ' ')}`)
  return `${name}: ${counts.succeeded ?? 0} of ${all} folders done${rest.join('')}`
}
