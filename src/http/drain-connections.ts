import type { Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'

interface Connection {
  socket: Socket
  owed: Set<ServerResponse>
}

/** Has `app.close()` end connections as `drainConnections` does. */
export function drainOnClose(app: FastifyInstance): void {
  const drain = drainConnections(app.server)
  app.addHook('preClose', (done) => {
    drain()
    done()
  })
}

/**
 * Lets a server close as soon as its last answer is given: connections that owe none are ended at once, whether they
 * were kept alive or never sent anything, the others with their answer. Node by itself ends only what idles when it is
 * told to close, and waits for whatever falls idle afterwards.
 *
 * @returns the call that begins it
 */
function drainConnections(server: Server): () => void {
  // By the peer's address: over TLS a connection is first a socket and then another one on top of it.
  const connections = new Map<string, Connection>()
  let draining = false
  const endIfNothingOwed = (peer: string): void => {
    const connection = connections.get(peer)
    if (draining && connection?.owed.size === 0) connection.socket.destroySoon()
  }
  const add = (socket: Socket): void => {
    const peer = peerOf(socket)
    const connection = { socket, owed: new Set<ServerResponse>() }
    connections.set(peer, connection)
    socket.once('close', () => {
      if (connections.get(peer) === connection) connections.delete(peer)
    })
  }
  server.on('connection', add)
  server.on('secureConnection', add)
  server.on('request', ({ socket }, response) => {
    const peer = peerOf(socket)
    const connection = connections.get(peer)
    connection?.owed.add(response)
    response.once('close', () => {
      connection?.owed.delete(response)
      endIfNothingOwed(peer)
    })
  })
  return () => {
    draining = true
    for (const [peer, { owed }] of connections) {
      for (const response of owed) {
        if (!response.headersSent) response.setHeader('connection', 'close')
      }
      endIfNothingOwed(peer)
    }
  }
}

function peerOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`
}
