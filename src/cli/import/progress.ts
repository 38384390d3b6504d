/** Shows how far an import has come: a bar on a terminal, a line now and then elsewhere. */
import type { WriteStream } from 'node:tty'
import { SingleBar } from 'cli-progress'
import type { Clock } from '../../clock.ts'
import type { ImportCounts } from './import-counts.ts'
import { describeProgress } from './progress-text.ts'

export interface Progress {
  /** Says something that stays on the screen. */
  say(text: string): void
  stop(): void
}

export interface ProgressOptions {
  counts: Readonly<ImportCounts>
  /** Undefined where the input does not tell its size. */
  bytesTotal: number | undefined
  stream: Pick<WriteStream, 'write'> & { isTTY?: boolean }
  clock: Clock
}

const barIntervalMs = 200
const lineIntervalMs = 10_000

export function showProgress(options: ProgressOptions): Progress {
  return options.stream.isTTY ? showBar(options) : showLines(options)
}

function showBar({ counts, bytesTotal, stream, clock }: ProgressOptions): Progress {
  const startedAtMs = clock.nowMs()
  const bar = new SingleBar({
    format: bytesTotal === undefined ? '{text}' : '{bar} {percentage}% | {text}',
    stream: stream as WriteStream,
    hideCursor: true,
    linewrap: false,
    // What is said in between has overwritten the bar.
    forceRedraw: true,
  })
  const text = () => describeProgress(counts, undefined, clock.nowMs() - startedAtMs)
  const draw = (): void => bar.update(Math.min(counts.bytesRead, bytesTotal ?? 0), { text: text() })
  bar.start(bytesTotal ?? 0, 0, { text: text() })
  const timer = setInterval(draw, barIntervalMs)
  return {
    say: (said) => stream.write(`\r\u001b[K${said}\n`),
    stop: () => {
      clearInterval(timer)
      draw()
      bar.stop()
    },
  }
}

function showLines({ counts, bytesTotal, stream, clock }: ProgressOptions): Progress {
  const startedAtMs = clock.nowMs()
  const say = (text: string): void => {
    stream.write(`${text}\n`)
  }
  const timer = setInterval(
    () => say(describeProgress(counts, bytesTotal, clock.nowMs() - startedAtMs)),
    lineIntervalMs,
  )
  return { say, stop: () => clearInterval(timer) }
}
