/** Server-sent events: one stream a component, closed with it, and opened again by the browser where it broke off. */
import { useEffect, useEffectEvent, useState } from 'react'
import type { LiveEnd, WatchEnd } from './answers.ts'

export type StreamState = 'connecting' | 'open' | 'lost' | 'over'

/** What each named event is told to; `end` says that the server closes the stream on purpose. */
export type Listeners = Record<string, (data: never) => void>

const reopenMs = 3000

/**
 * @param url undefined: no stream
 * @returns how the stream is
 */
export function useServerEvents(url: string | undefined, listeners: Listeners): StreamState {
  const [state, setState] = useState<StreamState>('connecting')
  const [round, setRound] = useState(0)
  const names = Object.keys(listeners).join(' ')
  const tell = useEffectEvent((name: string, data: string) => {
    listeners[name]?.(JSON.parse(data) as never)
  })
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new round is a new stream
  useEffect(() => {
    if (url === undefined) return
    const source = new EventSource(url)
    let timer: ReturnType<typeof setTimeout> | undefined
    const reopen = () => {
      source.close()
      timer = setTimeout(() => setRound((before) => before + 1), reopenMs)
    }
    source.onopen = () => setState('open')
    source.onerror = () => {
      setState('lost')
      // The browser opens a stream again that broke off, not one that was refused.
      if (source.readyState === EventSource.CLOSED) reopen()
    }
    for (const name of names.split(' ')) {
      source.addEventListener(name, (event: MessageEvent<string>) => tell(name, event.data))
    }
    source.addEventListener('end', (event: MessageEvent<string>) => {
      const { reason } = JSON.parse(event.data) as WatchEnd | LiveEnd
      if (reason === 'server_stopping' || reason === 'too_long') return reopen()
      source.close()
      setState('over')
    })
    return () => {
      clearTimeout(timer)
      source.close()
    }
  }, [url, names, round])
  return state
}
