/** A page of the console as its server sees it: it keeps the cookie, and says with each call that it is the page. */
import type { FastifyInstance } from 'fastify'

interface PageAnswer {
  status: number
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  json: any
}

type Headers = Record<string, string | undefined>

export interface ConsolePage {
  signIn(credential: { username?: string; secret: string }): Promise<PageAnswer>
  get(url: string): Promise<PageAnswer>
  /** @param headers in place of what the page sends itself; undefined takes one away */
  send(method: 'POST' | 'DELETE', url: string, json?: object, headers?: Headers): Promise<PageAnswer>
  /** The last one, as the server sent it. */
  readonly setCookie: string | undefined
  readonly cookieValue: string
}

/** @param always headers of each of its calls */
export function openConsolePage(app: FastifyInstance, always: Headers = {}): ConsolePage {
  let cookie: string | undefined
  let setCookie: string | undefined
  const call = async (
    method: 'GET' | 'POST' | 'DELETE',
    url: string,
    json?: object,
    headers: Headers = {},
  ): Promise<PageAnswer> => {
    const given = { ...(cookie === undefined ? {} : { cookie }), ...always, ...headers }
    const sent = Object.entries(given).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value]],
    )
    const response = await app.inject({
      method,
      url,
      headers: Object.fromEntries(sent),
      ...(json === undefined ? {} : { payload: json }),
    })
    setCookie = [response.headers['set-cookie']].flat()[0]
    if (setCookie !== undefined) cookie = setCookie.split(';')[0]
    return { status: response.statusCode, json: response.json() }
  }
  const page = { 'x-penstock-console': '1' }
  return {
    signIn: ({ username, secret }) =>
      call('POST', '/console/session', { ...(username === undefined ? {} : { username }), secret }, page),
    get: (url) => call('GET', url),
    send: (method, url, json, headers) => call(method, url, json, { ...page, ...headers }),
    get setCookie() {
      return setCookie
    },
    get cookieValue() {
      return cookie?.split('=')[1] ?? ''
    },
  }
}
