import { connect, createServer, type Socket } from 'node:net'

export interface TcpGate {
  port: number
  /** Breaks every connection at once, and lets no new one through. */
  shut(): void
  /** Lets nothing more through and says nothing of it, on old connections and on new ones, which are taken. */
  silence(): void
  /** New connections are let through again; those that were silenced stay silent, as those to a host that is gone do. */
  open(): void
  /** Breaks every connection at once. */
  cut(): void
  close(): Promise<void>
}

/** A way to a server that a test can shut, so that the server is away for one process and nobody else. */
export async function openTcpGate(target: { host: string; port: number }): Promise<TcpGate> {
  const sockets = new Set<Socket>()
  let state: 'open' | 'shut' | 'silent' = 'open'
  const hold = (socket: Socket): void => {
    sockets.add(socket)
    // The other end sees it close.
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
  }
  const server = createServer((near) => {
    if (state === 'shut') {
      near.resetAndDestroy()
      return
    }
    if (state === 'silent') {
      hold(near)
      return
    }
    const far = connect(target)
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      hold(socket)
      socket.on('close', () => other.destroy())
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
      state = 'shut'
      cut()
    },
    silence: () => {
      state = 'silent'
      for (const socket of sockets) socket.unpipe().pause()
    },
    open: () => {
      state = 'open'
    },
    cut,
    close: async () => {
      cut()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
