import type { Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/**
 * Lets a server close as soon as its last answer is given: connections that owe none are ended at once, whether they
 * were kept alive or never sent anything, the others with their answer. Node by itself ends only what idles when it is
 * told to close, and waits for whatever falls idle afterwards.
 *
 * @returns the call that begins it
 */
export function drainConnections(server: Server): () => void {
  const owed = new Map<Socket, Set<ServerResponse>>()
  let draining = false
  const endIfNothingOwed = (socket: Socket): void => {
    if (draining && owed.get(socket)?.size === 0) socket.destroySoon()
  }
  server.on('connection', (socket: Socket) => {
    owed.set(socket, new Set())
    socket.once('close', () => owed.delete(socket))
  })
  server.on('request', ({ socket }, response) => {
    owed.get(socket)?.add(response)
    response.once('close', () => {
      owed.get(socket)?.delete(response)
      endIfNothingOwed(socket)
    })
  })
  return () => {
    draining = true
    for (const [socket, responses] of owed) {
      for (const response of responses) {
        if (!response.headersSent) response.setHeader('connection', 'close')
      }
      endIfNothingOwed(socket)
    }
  }
}
