/** The built page behind its real headers, with calls that a test answers itself. */
import { join } from 'node:path'
import fastify from 'fastify'
import type { Page } from 'playwright-core'
import { pageRoutes } from '../../../src/http/console/page-routes.ts'
import { fakeSession } from './fake-answers.ts'

export interface PageServer {
  url: string
  close(): Promise<void>
}

export async function servePage(): Promise<PageServer> {
  const app = fastify()
  await app.register(pageRoutes([join(import.meta.dirname, '../../../web/dist')]))
  return { url: await app.listen({ host: '127.0.0.1', port: 0 }), close: () => app.close() }
}

interface FakeAnswer {
  /** 200 unless it says otherwise. */
  status?: number
  json?: unknown
  /** Of a stream of server-sent events. */
  events?: [name: string, data: unknown][]
  /** Answered after so long; never where it is infinite. */
  delayMs?: number
}

/** By the last part of its path, like `jobs`. */
export type FakeCalls = Record<string, (query: URLSearchParams, method: string) => FakeAnswer>

/** Answers the page's calls; what a test doesn't name is 404. */
export async function answerCalls(page: Page, calls: FakeCalls): Promise<void> {
  const set: FakeCalls = {
    session: () => ({ json: fakeSession }),
    installation: () => ({ json: { set_up: true } }),
  }
  const all = { ...set, ...calls }
  await page.route(/\/api\/|\/console\/(session|installation)/, async (route) => {
    const url = new URL(route.request().url())
    const call = all[url.pathname.split('/').at(-1) ?? '']
    const answer = call?.(url.searchParams, route.request().method())
    const { status = 200, json, events, delayMs = 0 } = answer ?? notThere
    if (delayMs === Number.POSITIVE_INFINITY) return
    await new Promise((resolve) => setTimeout(resolve, delayMs))
    const stream = events?.map(([name, data]) => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`).join('')
    await route.fulfill(
      stream === undefined
        ? { status, contentType: 'application/json', body: JSON.stringify(json) }
        : { status, contentType: 'text/event-stream', body: stream },
    )
  })
}

const notThere: FakeAnswer = { status: 404, json: { error: 'there is no such call', status: 'error' } }
