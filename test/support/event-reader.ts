/** Server-sent events as a browser takes them. */

export interface ReadEvent {
  event: string
  // biome-ignore lint/suspicious/noExplicitAny: tests look into events of every shape
  data: any
}

export interface EventReader {
  status: number
  contentType: string | null
  /** Reads on until an event passes; the others are dropped. Fails when the stream ends before. */
  until(passes: (event: ReadEvent) => boolean): Promise<ReadEvent>
  /** All that is still to come. */
  rest(): Promise<ReadEvent[]>
  close(): Promise<void>
}

export async function readEvents(url: string, headers: Record<string, string>): Promise<EventReader> {
  const closing = new AbortController()
  const response = await fetch(url, { headers, signal: closing.signal })
  const events = parse(response.body as ReadableStream<Uint8Array>)
  return {
    status: response.status,
    contentType: response.headers.get('content-type'),
    until: async (passes) => {
      for (;;) {
        const { value, done } = await events.next()
        if (done === true) throw new Error('the stream has ended')
        if (passes(value)) return value
      }
    },
    rest: async () => await Array.fromAsync(events),
    close: async () => {
      closing.abort()
      await events.return(undefined).catch(() => undefined)
    },
  }
}

async function* parse(body: ReadableStream<Uint8Array>): AsyncGenerator<ReadEvent> {
  let text = ''
  for await (const chunk of body.pipeThrough(
    new TextDecoderStream() as never,
  ) as unknown as AsyncIterable<string>) {
    text += chunk
    for (let end = text.indexOf('\n\n'); end !== -1; end = text.indexOf('\n\n')) {
      const fields = new Map(
        text
          .slice(0, end)
          .split('\n')
          .map((line) => line.split(/: (.*)/s) as [string, string]),
      )
      text = text.slice(end + 2)
      const event = fields.get('event')
      if (event !== undefined) yield { event, data: JSON.parse(fields.get('data') ?? 'null') }
    }
  }
}
