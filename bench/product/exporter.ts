/** The bench's side of its export process. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ExportAnswer, Exported, ExportOrder } from './export-orders.ts'
import { workerFlags } from './worker-flags.ts'

export interface Exporter {
  /** Works the pending run of a pipeline; throws where it does not succeed. */
  export(projectId: number, pipeline: string): Promise<Exported>
  /** Looks for late events of finished folders, and works the pipeline's sync; throws where there is none. */
  sync(projectId: number, pipeline: string): Promise<Exported>
  /** Does nothing where its process has ended. One that is in the middle of an export, and stays in it, is killed. */
  stop(): Promise<void>
}

const stopMsMax = 20_000

export async function startExporter(env: Record<string, string>): Promise<Exporter> {
  const child = fork(join(import.meta.dirname, 'export-process.ts'), {
    env,
    execArgv: workerFlags,
  })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  await answerOf(child)
  const work = async (projectId: number, pipeline: string): Promise<Exported> => {
    const answer = await ask(child, { kind: 'work', projectId, pipeline })
    if (answer.kind === 'exported') return answer
    throw new Error(answer.kind === 'failed' ? answer.message : 'the export process is confused')
  }
  return {
    export: work,
    sync: async (projectId, pipeline) => {
      await ask(child, { kind: 'look' })
      return await work(projectId, pipeline)
    },
    stop: async () => {
      if (child.connected) child.send({ kind: 'stop' } satisfies ExportOrder, () => undefined)
      const late = new AbortController()
      const patience = sleep(stopMsMax, undefined, { signal: late.signal }).then(
        () => child.kill('SIGKILL'),
        () => undefined,
      )
      await ended
      late.abort()
      await patience
    },
  }
}

function ask(child: ChildProcess, order: ExportOrder): Promise<ExportAnswer> {
  const answer = answerOf(child)
  // That it could not be sent shows by the end of the process, which is what `answer` tells of.
  child.send(order, () => undefined)
  return answer
}

async function answerOf(child: ChildProcess): Promise<ExportAnswer> {
  const ended = new AbortController()
  const { signal } = ended
  try {
    return await Promise.race([
      once(child, 'message', { signal }).then(([answer]) => answer as ExportAnswer),
      once(child, 'exit', { signal }).then(([code]): never => {
        throw new Error(`the export process ended with ${code}`)
      }),
    ])
  } finally {
    ended.abort()
  }
}
