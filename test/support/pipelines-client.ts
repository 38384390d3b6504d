/** The Data Pipelines API of a serving process, over HTTP as its users call it. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { RunEntry } from '../../src/http/contract/pipeline-answers.ts'
import { base, basic } from './pipeline-server.ts'

type Form = Record<string, string | string[]>
type Runs = Record<string, RunEntry[]>

interface HttpAnswer {
  status: number
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  json: any
}

export interface PipelinesClient {
  /** A POST of a form, as curl -d sends it; a GET without one. */
  call(call: string, form?: Form): Promise<HttpAnswer>
  /** Gives the new pipeline's name; throws when it is refused. */
  create(form: Form): Promise<string>
  /** Waits until no run of the pipeline waits or works, and gives them by state. */
  settled(name: string, timeoutMs?: number): Promise<Runs>
}

/** A create waits for a connection test. */
const answerMsMax = 120_000

const unsettled = ['pending', 'running', 'retried']

export function pipelinesClient(url: string, secret: string): PipelinesClient {
  const call = async (name: string, form?: Form): Promise<HttpAnswer> => {
    const answer = await fetch(`${url}${base}/${name}`, {
      method: form === undefined ? 'GET' : 'POST',
      headers: { authorization: basic(`${secret}:`) },
      signal: AbortSignal.timeout(answerMsMax),
      ...(form === undefined ? {} : { body: formBody(form) }),
    })
    return { status: answer.status, json: await answer.json() }
  }
  return {
    call,
    create: async (form) => {
      const { status, json } = await call('create', form)
      if (status !== 200) throw new Error(`create was answered ${status}: ${JSON.stringify(json)}`)
      return json.pipeline_names[0]
    },
    settled: async (name, timeoutMs = 60_000) => {
      const endsMs = performance.now() + timeoutMs
      for (;;) {
        const { json } = await call(`status?name=${name}`)
        if (!unsettled.some((state) => json[state] !== undefined)) return json
        if (performance.now() > endsMs) throw new Error(`runs did not end: ${JSON.stringify(json)}`)
        await sleep(100)
      }
    },
  }
}

function formBody(form: Form): URLSearchParams {
  return new URLSearchParams(
    Object.entries(form).flatMap(([name, value]) =>
      [value].flat().map((item): [string, string] => [name, item]),
    ),
  )
}
