/** Stands before a sandbox, passes everything on as it is, and remembers what of it is secret. */
import { once } from 'node:events'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'

export interface RecordingAws {
  url: string
  /** Session tokens, keys of sessions and signatures that went by. */
  secrets: Set<string>
  close(): Promise<void>
}

export async function startRecordingAws(target: string): Promise<RecordingAws> {
  const secrets = new Set<string>()
  const remember = (text: string, pattern: RegExp): void => {
    for (const [, secret = ''] of text.matchAll(pattern)) secrets.add(secret)
  }
  const server = createServer(async (incoming, answer) => {
    const { method, url: path, headers } = incoming
    remember(headers.authorization ?? '', /Signature=([0-9a-f]{64})/g)
    const token = headers['x-amz-security-token']
    if (typeof token === 'string') secrets.add(token)
    try {
      const body = await buffer(incoming)
      const { expect: _, ...forwarded } = headers
      const asked = request(`${target}${path}`, { method, headers: forwarded })
      asked.end(body)
      const [response] = await once(asked, 'response')
      const answered = await buffer(response)
      remember(answered.toString(), /<(?:SecretAccessKey|SessionToken)>([^<]+)</g)
      answer.writeHead(response.statusCode, response.headers).end(answered)
    } catch {
      answer.destroy()
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    secrets,
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
