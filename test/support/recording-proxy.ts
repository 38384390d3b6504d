/** A reverse proxy on HTTPS, as operators put one before a server, that remembers what passed through it. */
import { once } from 'node:events'
import { createServer, request } from 'node:https'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'

interface PassedRequest {
  method: string
  /** With its query. */
  path: string
  body: string
  /** Undefined while it is not answered. */
  status: number | undefined
}

export interface RecordingProxy {
  url: string
  passed: PassedRequest[]
  /**
   * So many of the next requests to this path are answered with the status, or 503, and go no further.
   * @param bytesMin of those bodies only that are as long
   */
  refuse(path: string, times: number, status?: number, bytesMin?: number): void
  close(): Promise<void>
}

export async function startRecordingProxy(
  target: string,
  certificate: { cert: string; key: string },
): Promise<RecordingProxy> {
  const passed: PassedRequest[] = []
  const refusals = new Map<string, { times: number; status: number; bytesMin: number }>()
  const server = createServer(certificate, async (incoming, answer) => {
    const { method = 'GET', url: path = '/', headers } = incoming
    const body = await buffer(incoming)
    const record: PassedRequest = { method, path, body: body.toString(), status: undefined }
    passed.push(record)
    const name = path.split('?')[0] ?? ''
    const refusal = refusals.get(name)
    if (refusal !== undefined && refusal.times > 0 && method === 'POST' && body.length >= refusal.bytesMin) {
      refusal.times -= 1
      record.status = refusal.status
      const { origin = '*' } = headers
      answer.writeHead(refusal.status, {
        'access-control-allow-origin': origin,
        'access-control-allow-credentials': 'true',
        'retry-after': '0',
      })
      answer.end()
      return
    }
    const { host: _, ...forwarded } = headers
    const asked = request(`${target}${path}`, { method, headers: forwarded, ca: certificate.cert })
    asked.end(body)
    const [response] = await once(asked, 'response')
    record.status = response.statusCode
    answer.writeHead(response.statusCode, response.headers)
    response.pipe(answer)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    passed,
    refuse: (path, times, status = 503, bytesMin = 0) => void refusals.set(path, { times, status, bytesMin }),
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
