/** Calls of the HTTP API, as the page makes them: with the session's cookie, and the header that other sites can't send. */
import type { ConnectionAnswer } from './answers.ts'

/** Undefined values are left out. */
export type Parameters = Record<string, string | number | readonly string[] | undefined>

/** A call that was refused, or not answered. */
export class CallFailed extends Error {
  override name = 'CallFailed'
  /** Of HTTP; 0 where no answer came. */
  readonly status: number
  /** Of a destination that was refused. */
  readonly connectionTest: ConnectionAnswer | undefined

  constructor(status: number, message: string, connectionTest?: ConnectionAnswer) {
    super(message)
    this.status = status
    this.connectionTest = connectionTest
  }
}

const consoleHeaders = { 'x-penstock-console': '1' }

export async function get<Answer>(
  path: string,
  parameters: Parameters,
  signal: AbortSignal,
): Promise<Answer> {
  return await answerOf(await send(withQuery(path, parameters), { signal }))
}

export async function post<Answer>(path: string, parameters: Parameters): Promise<Answer> {
  const body = new URLSearchParams(pairs(parameters))
  return await answerOf(await send(path, { method: 'POST', headers: consoleHeaders, body }))
}

export async function remove(path: string): Promise<void> {
  await answerOf(await send(path, { method: 'DELETE', headers: consoleHeaders }))
}

/** Posts, and gives the lines of the answer one by one, as they come. */
export async function* postForLines(
  path: string,
  parameters: Parameters,
  signal: AbortSignal,
): AsyncGenerator<unknown> {
  const body = new URLSearchParams(pairs(parameters))
  const headers = { ...consoleHeaders, accept: 'application/x-ndjson' }
  const answer = await send(path, { method: 'POST', headers, body, signal })
  if (!answer.ok || answer.body === null) throw await failureOf(answer)
  let rest = ''
  for await (const chunk of answer.body.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) if (line !== '') yield JSON.parse(line)
  }
  if (rest !== '') yield JSON.parse(rest)
}

export function withQuery(path: string, parameters: Parameters): string {
  const query = new URLSearchParams(pairs(parameters)).toString()
  return query === '' ? path : `${path}?${query}`
}

/** A list is a repeated key, as in every form of this API. */
export function pairs(parameters: Parameters): [string, string][] {
  return Object.entries(parameters).flatMap(([name, value]) =>
    value === undefined ? [] : [value].flat().map((item): [string, string] => [name, String(item)]),
  )
}

async function send(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, { credentials: 'same-origin', ...init })
  } catch (cause) {
    if (init.signal?.aborted) throw cause
    throw new CallFailed(0, 'Penstock does not answer. Is it running, and is this machine connected to it?')
  }
}

async function answerOf<Answer>(answer: Response): Promise<Answer> {
  if (!answer.ok) throw await failureOf(answer)
  return await answer.json()
}

async function failureOf(answer: Response): Promise<CallFailed> {
  const text = await answer.text()
  try {
    const { error, connection_test } = JSON.parse(text)
    if (typeof error === 'string') return new CallFailed(answer.status, error, connection_test)
  } catch {
    // A proxy in between answers with a page of its own.
  }
  return new CallFailed(answer.status, `The call was answered ${answer.status} ${answer.statusText}.`)
}
