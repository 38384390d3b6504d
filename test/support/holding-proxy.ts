/** A way to an HTTP server that holds a request for as long as a test likes, also after its sender has gone, and then delivers it. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface HoldingProxy {
  url: string
  /** The next request of this method and path is held. */
  hold(method: string, path: RegExp): void
  /** Whether one is held now. */
  holds(): boolean
  /** Delivers what is held; resolves with the status that it is answered with. */
  deliver(): Promise<number>
  close(): Promise<void>
}

export async function startHoldingProxy(target: string): Promise<HoldingProxy> {
  let wanted: { method: string; path: RegExp } | undefined
  let held: IncomingMessage | undefined
  const server = createServer((incoming, answer) => {
    const { method = '', url = '' } = incoming
    if (method === wanted?.method && wanted.path.test(url.split('?')[0] ?? '')) {
      wanted = undefined
      held = incoming
    } else pass(target, incoming, answer)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    hold: (method, path) => {
      wanted = { method, path }
    },
    holds: () => held !== undefined,
    deliver: async () => {
      const { method, url, headers } = held as IncomingMessage
      held = undefined
      const late = request(`${target}${url}`, { method, headers }).end()
      const [response] = await once(late, 'response')
      response.resume()
      return response.statusCode
    },
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** As it came, its signature covers the name of the host. */
function pass(target: string, incoming: IncomingMessage, answer: ServerResponse): void {
  const { method, url, headers } = incoming
  const passed = request(`${target}${url}`, { method, headers }, (response) => {
    answer.writeHead(response.statusCode ?? 502, response.headers)
    response.pipe(answer)
  })
  passed.on('error', () => answer.destroy())
  incoming.on('error', () => passed.destroy())
  answer.on('close', () => passed.destroy())
  incoming.pipe(passed)
}
