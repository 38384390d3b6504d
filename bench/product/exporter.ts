/** The bench's side of its export process. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { ExportAnswer, Exported, ExportOrder } from './export-orders.ts'

export interface Exporter {
  /** Works the pending run of a pipeline; throws where it does not succeed. */
  export(projectId: number, pipeline: string): Promise<Exported>
  stop(): Promise<void>
}

export async function startExporter(env: Record<string, string>): Promise<Exporter> {
  const child = fork(join(import.meta.dirname, 'export-process.ts'), {
    env,
    execArgv: ['--disable-warning=ExperimentalWarning'],
  })
  await answerOf(child)
  return {
    export: async (projectId, pipeline) => {
      const answer = await ask(child, { kind: 'export', projectId, pipeline })
      if (answer.kind === 'exported') return answer
      throw new Error(answer.kind === 'failed' ? answer.message : 'the export process is confused')
    },
    stop: async () => {
      child.send({ kind: 'stop' } satisfies ExportOrder)
      if (child.exitCode === null) await once(child, 'exit')
    },
  }
}

function ask(child: ChildProcess, order: ExportOrder): Promise<ExportAnswer> {
  const answer = answerOf(child)
  child.send(order)
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
