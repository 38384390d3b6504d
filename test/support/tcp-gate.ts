import { connect, createServer, type Socket } from 'node:net'

export interface TcpServer {
  host: string
  port: number
}

export interface TcpGate {
  port: number
  /** Breaks every connection at once, and lets no new one through. */
  shut(): void
  /** Lets nothing more through and says nothing of it, on old connections and on new ones, which are taken. */
  silence(): void
  /** The same for a while: what was sent meanwhile arrives after `open`, also from a side that has given up since. */
  freeze(): void
  /** New connections are let through again; those that were silenced stay silent, as those to a host that is gone do. */
  open(): void
  /** Breaks every connection at once. */
  cut(): void
  /** Leads elsewhere from now on; connections that are there break. */
  turnTo(target: TcpServer): void
  close(): Promise<void>
}

/** A way to a server that a test can shut, so that the server is away for one process and nobody else. */
export async function openTcpGate(target: TcpServer): Promise<TcpGate> {
  const sockets = new Set<Socket>()
  /** What frozen sockets go on to write to. */
  const frozen = new Map<Socket, Socket>()
  const others = new Map<Socket, Socket>()
  let behind = target
  let state: 'open' | 'shut' | 'silent' | 'frozen' = 'open'
  const hold = (socket: Socket): void => {
    sockets.add(socket)
    // The other end sees it close.
    socket.on('error', () => {})
    socket.on('close', () => {
      for (const held of [sockets, frozen, others]) held.delete(socket)
    })
  }
  const server = createServer({ pauseOnConnect: true }, (near) => {
    if (state === 'shut') {
      near.resetAndDestroy()
      return
    }
    if (state === 'silent') {
      hold(near)
      return
    }
    const far = connect(behind)
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      hold(socket)
      others.set(socket, other)
      // What it had sent before is not lost with it.
      socket.on('close', (failed) => (failed ? other.destroy() : other.end()))
      if (state === 'frozen') frozen.set(socket, other)
      else socket.pipe(other)
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const cut = (): void => {
    for (const socket of sockets) socket.resetAndDestroy()
  }
  const hush = (): void => {
    for (const socket of sockets) socket.unpipe().pause()
  }
  return {
    port: (server.address() as { port: number }).port,
    shut: () => {
      state = 'shut'
      cut()
    },
    silence: () => {
      state = 'silent'
      hush()
    },
    freeze: () => {
      state = 'frozen'
      hush()
      for (const [socket, other] of others) frozen.set(socket, other)
    },
    open: () => {
      state = 'open'
      for (const [socket, other] of frozen) socket.pipe(other)
      frozen.clear()
    },
    cut,
    turnTo: (next) => {
      behind = next
      cut()
    },
    close: async () => {
      cut()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
