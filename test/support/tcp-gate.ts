import { connect, createServer, type Socket } from 'node:net'

export interface TcpGate {
  port: number
  /** Breaks every connection at once, and lets no new one through. */
  shut(): void
  open(): void
  close(): Promise<void>
}

/** A way to a server that a test can shut, so that the server is away for one process and nobody else. */
export async function openTcpGate(target: { host: string; port: number }): Promise<TcpGate> {
  const sockets = new Set<Socket>()
  let shut = false
  const server = createServer((near) => {
    if (shut) {
      near.resetAndDestroy()
      return
    }
    const far = connect(target)
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket)
      socket.on('error', () => other.destroy())
      socket.on('close', () => {
        sockets.delete(socket)
        other.destroy()
      })
      socket.pipe(other)
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const cut = (): void => {
    for (const socket of sockets) socket.resetAndDestroy()
  }
  return {
    port: (server.address() as { port: number }).port,
    shut: () => {
      shut = true
      cut()
    },
    open: () => {
      shut = false
    },
    close: async () => {
      cut()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
