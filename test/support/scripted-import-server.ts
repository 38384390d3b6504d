/** A server of /import that answers as a test tells it to, and remembers what it was sent. */
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'

export interface SeenRequest {
  url: string
  headers: IncomingHttpHeaders
  lines: string[]
}

export interface ScriptedAnswer {
  status: number
  headers?: Record<string, string>
  body?: string
}

/** `cut` closes the connection without an answer; undefined takes every event. */
export type Script = (
  request: SeenRequest,
  index: number,
) => ScriptedAnswer | 'cut' | undefined | Promise<ScriptedAnswer | 'cut' | undefined>

export async function startScriptedServer(script: Script = () => undefined) {
  const requests: SeenRequest[] = []
  const server = createServer(async (request, response) => {
    const seen = await readRequest(request)
    const index = requests.push(seen) - 1
    answer(response, (await script(seen, index)) ?? allStored(seen.lines.length))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    requests,
    close: () => {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(resolve))
    },
  }
}

export function allStored(count: number): ScriptedAnswer {
  return { status: 200, body: JSON.stringify({ code: 200, num_records_imported: count, status: 'OK' }) }
}

async function readRequest(request: IncomingMessage): Promise<SeenRequest> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  const body = gunzipSync(Buffer.concat(chunks)).toString('utf8')
  return { url: request.url ?? '', headers: request.headers, lines: body.split('\n').slice(0, -1) }
}

function answer(response: ServerResponse, scripted: ScriptedAnswer | 'cut'): void {
  if (scripted === 'cut') response.destroy()
  else response.writeHead(scripted.status, scripted.headers).end(scripted.body)
}
