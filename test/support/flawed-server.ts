/** An HTTP server whose answers a test makes up, and what it was asked. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface FlawedServer {
  url: string
  asked: IncomingMessage[]
  close(): Promise<void>
}

export async function startFlawedServer(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<FlawedServer> {
  const asked: IncomingMessage[] = []
  const server = createServer((request, response) => {
    asked.push(request)
    answer(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
