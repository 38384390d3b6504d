/** Shows how far a pipeline's runs have come until none is left to do: a bar on a terminal, a line for each change elsewhere. */
import { setTimeout as wait } from 'node:timers/promises'
import type { WriteStream } from 'node:tty'
import { SingleBar } from 'cli-progress'
import { runStates } from '../../control/runs/run-state.ts'
import type { PipelineJob } from '../../http/contract/pipeline-answers.ts'
import type { PipelineClient } from './pipeline-client.ts'
import { leftText } from './progress-words.ts'

/** `failed`: some runs have failed or timed out. `paused`: the pipeline is, and its runs wait. */
export type FollowEnd = 'finished' | 'failed' | 'paused'

type Stream = Pick<WriteStream, 'write'> & { isTTY?: boolean }
type Counts = Awaited<ReturnType<PipelineClient['count']>>

const unfinished = ['pending', 'running', 'retried'] as const

export async function followRuns(
  client: PipelineClient,
  name: string,
  stream: Stream,
  intervalMs = 1000,
): Promise<FollowEnd> {
  const shown = stream.isTTY === true ? showBar(name, stream) : showLines(name, stream)
  try {
    for (;;) {
      const [counts, pipeline] = await Promise.all([client.count(name), client.find(name)])
      shown.tell(counts, pipeline)
      if (unfinished.every((state) => counts[state] === undefined)) {
        return counts.failed === undefined && counts.timed_out === undefined ? 'finished' : 'failed'
      }
      if (pipeline.state === 'paused' && counts.running === undefined) {
        shown.stop()
        const reason = pipeline.pause_reason === undefined ? '' : `: ${pipeline.pause_reason}`
        stream.write(`${name} is paused${reason}\n`)
        return 'paused'
      }
      await wait(intervalMs)
    }
  } finally {
    shown.stop()
  }
}

interface Shown {
  tell(counts: Counts, pipeline: PipelineJob): void
  stop(): void
}

function showBar(name: string, stream: Stream): Shown {
  const bar = new SingleBar({
    format: '{bar} {percentage}% | {text}',
    stream: stream as WriteStream,
    hideCursor: true,
    linewrap: false,
  })
  bar.start(1, 0, { text: name })
  return {
    tell: (counts, pipeline) => {
      bar.setTotal(Math.max(allOf(counts), 1))
      const left = leftText(pipeline, Date.now())
      bar.update(counts.succeeded ?? 0, { text: `${countsText(name, counts)}${left}` })
    },
    stop: () => bar.stop(),
  }
}

function showLines(name: string, stream: Stream): Shown {
  let last = ''
  return {
    tell: (counts) => {
      const line = countsText(name, counts)
      if (line !== last) stream.write(`${line}\n`)
      last = line
    },
    stop: () => {},
  }
}

function allOf(counts: Counts): number {
  return runStates.reduce((sum, state) => sum + (counts[state] ?? 0), 0)
}

/** As `events-daily-s3-raw: 12 of 31 folders done, 4 running, 15 pending`. */
function countsText(name: string, counts: Counts): string {
  const rest = runStates
    .filter((state) => state !== 'succeeded' && counts[state] !== undefined)
    .map((state) => `, ${counts[state]} ${state.replace('_', ' ')}`)
  return `${name}: ${counts.succeeded ?? 0} of ${allOf(counts)} folders done${rest.join('')}`
}
