import type { z } from 'zod'

/** Sends a request and gives its JSON answer; throws, with the answer in the message, where it is not the one expected. */
export async function requestJson<Answer extends z.ZodType>(
  schema: Answer,
  url: string,
  init: RequestInit,
): Promise<z.output<Answer>> {
  const response = await fetch(url, init)
  const text = await response.text()
  const parsed = schema.safeParse(parseJson(text))
  if (response.ok && parsed.success) return parsed.data
  throw new Error(`${init.method ?? 'GET'} ${url} was answered ${response.status}: ${text.slice(0, 1000)}`)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
