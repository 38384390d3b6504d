/** `/_sandbox/…`: how tests and people drive the sandbox. It is not part of AWS, and not signed. */
import { z } from 'zod'
import type { Answer, AwsError } from './answer.ts'
import { readAll } from './byte-streams.ts'
import type { AwsRequest } from './request.ts'
import type { SandboxState } from './state.ts'
import { describeIssues, parseWorld, WorldError } from './world.ts'

const bodyBytesMax = 4 * 1024 * 1024
const routes: Record<string, readonly string[]> = {
  '/_sandbox/faults': ['POST', 'DELETE'],
  '/_sandbox/requests': ['GET'],
  '/_sandbox/requests/in-flight': ['GET'],
  '/_sandbox/world': ['PUT'],
}

export function isControl(request: AwsRequest): boolean {
  return (
    request.path.startsWith('/_sandbox/') && /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/.test(request.host)
  )
}

export async function serveControl(state: SandboxState, request: AwsRequest): Promise<Answer> {
  const methods = routes[request.path]
  if (methods === undefined)
    return problem(404, [`no such path; there are ${Object.keys(routes).join(', ')}`])
  if (!methods.includes(request.method)) {
    return problem(405, [`${request.method} is not for ${request.path}; allowed: ${methods.join(', ')}`])
  }
  switch (request.path) {
    case '/_sandbox/faults':
      if (request.method === 'DELETE') state.faults.clear()
      else return await change(request, (content) => state.faults.add(content))
      return { status: 204 }
    case '/_sandbox/world':
      return await change(request, (content) => {
        state.world.current = parseWorld(content)
      })
    case '/_sandbox/requests/in-flight':
      return ndjson(state.requests.inFlightNdjson())
    default:
      return ndjson(state.requests.ndjson())
  }
}

function ndjson(body: string): Answer {
  return { status: 200, headers: { 'content-type': 'application/x-ndjson' }, body }
}

/** An error of the control endpoints, as JSON. */
export function controlErrorAnswer(error: AwsError): Answer {
  return problem(error.status, [error.message])
}

async function change(request: AwsRequest, apply: (content: unknown) => void): Promise<Answer> {
  const body = await readAll(request.body, bodyBytesMax)
  if (body === null) return problem(413, [`the body is longer than ${bodyBytesMax} bytes`])
  try {
    apply(JSON.parse(body.toString()))
    return { status: 204 }
  } catch (error) {
    if (error instanceof SyntaxError) return problem(400, [`the body is not JSON: ${error.message}`])
    if (error instanceof WorldError) return problem(400, error.problems)
    if (error instanceof z.ZodError) return problem(400, describeIssues(error))
    throw error
  }
}

function problem(status: number, problems: readonly string[]): Answer {
  return {
    status,
    headers: { 'content-type': 'application/json' },
    body: `${JSON.stringify({ problems })}\n`,
  }
}
