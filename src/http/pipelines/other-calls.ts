import type { PipelineApp } from './pipeline-app.ts'
import { RequestError } from './request-error.ts'

const changing = ['create', 'edit', 'pause', 'resume', 'cancel', 'test', 'verify', 'preview', 'estimate']
/** By POST too: the reference's own curl examples send their parameters with -d. */
const reading = ['jobs', 'status', 'timeline', 'manifest']
/** By GET alone: no call of the reference. */
const own = ['setup', 'folders', 'history', 'watch']

/** Calls that don't exist, and methods that a call doesn't have. */
export function refuseOtherCalls(app: PipelineApp): void {
  app.setNotFoundHandler(async (request, reply) => {
    const call = request.url.split('?')[0]?.split('/').filter(Boolean).at(-1) ?? ''
    const methods = methodsOf(call)
    if (methods === undefined) {
      const calls = [...changing, ...reading, ...own].join(', ')
      throw new RequestError(404, 'PIPELINE_CALL_UNKNOWN', `there is no such call; the calls are ${calls}`)
    }
    reply.header('allow', methods)
    throw new RequestError(
      405,
      'PIPELINE_METHOD_REFUSED',
      `${call} must be sent with ${methods.replace(', ', ' or ')}`,
    )
  })
}

function methodsOf(call: string): string | undefined {
  if (changing.includes(call)) return 'POST'
  if (reading.includes(call)) return 'GET, POST'
  return own.includes(call) ? 'GET' : undefined
}
