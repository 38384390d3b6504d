/** Calls of the Data Pipelines API; its answers are parsed by the schemas that the server answers with. */
import type { z } from 'zod'
import { PenstockError } from '../../errors/penstock-error.ts'
import {
  createAnswer,
  doneAnswer,
  editAnswer,
  errorAnswer,
  jobsAnswer,
  type PipelineJob,
  statusCounts,
  statusRuns,
} from '../../http/contract/pipeline-answers.ts'

export interface ShownPipeline extends PipelineJob {
  runs: z.output<typeof statusRuns>
}

export interface PipelineClient {
  create(parameters: [name: string, value: string][]): Promise<z.output<typeof createAnswer>>
  list(): Promise<PipelineJob[]>
  show(name: string): Promise<ShownPipeline>
  /** One pipeline without its runs. */
  find(name: string): Promise<PipelineJob>
  /** How many runs there are in each state. */
  count(name: string): Promise<z.output<typeof statusCounts>>
  edit(name: string, parameters: [name: string, value: string][]): Promise<z.output<typeof editAnswer>>
  change(change: 'pause' | 'resume' | 'cancel', name: string): Promise<void>
}

/** A server that hasn't answered by then won't; a connection test alone may take a minute. */
const answerMsMax = 90_000

export function createPipelineClient({ url, secret }: { url: string; secret: string }): PipelineClient {
  const base = parseBase(url)
  const ask = <Schema extends z.ZodType>(
    schema: Schema,
    call: string,
    form?: [string, string][],
  ): Promise<z.output<Schema>> => request(new URL(call, base), secret, schema, form)

  const list = async (): Promise<PipelineJob[]> => Object.values(await ask(jobsAnswer, 'jobs')).flat()
  const find = async (name: string): Promise<PipelineJob> => {
    const found = (await list()).find((pipeline) => pipeline.name === name)
    if (found === undefined)
      throw refused(404, `name ${JSON.stringify(name)} is not a pipeline of this project`)
    return found
  }
  const status = (name: string) => `status?name=${encodeURIComponent(name)}`
  return {
    create: (parameters) => ask(createAnswer, 'create', parameters),
    list,
    find,
    show: async (name) => ({ ...(await find(name)), runs: await ask(statusRuns, status(name)) }),
    count: (name) => ask(statusCounts, `${status(name)}&summary=true`),
    edit: (name, parameters) => ask(editAnswer, 'edit', [['name', name], ...parameters]),
    change: async (change, name) => {
      await ask(doneAnswer, change, [['name', name]])
    },
  }
}

function parseBase(url: string): URL {
  const text = `${url.replace(/\/+$/, '')}/api/2.0/nessie/pipeline/`
  if (/^https?:\/\//.test(url) && URL.canParse(text)) return new URL(text)
  throw new PenstockError(
    'caller',
    'PIPELINE_SERVER_URL_INVALID',
    `--url ${JSON.stringify(url)} must be the URL of a server, like http://127.0.0.1:8080`,
  )
}

async function request<Schema extends z.ZodType>(
  url: URL,
  secret: string,
  schema: Schema,
  form: [string, string][] | undefined,
): Promise<z.output<Schema>> {
  const { status, document } = await exchange(url, secret, form)
  const error = errorAnswer.safeParse(document)
  if (error.success) throw refused(status, error.data.error)
  const answer = schema.safeParse(document)
  if (status === 200 && answer.success) return answer.data
  throw new PenstockError(
    'outside',
    'PIPELINE_ANSWER_UNEXPECTED',
    `${url.origin} answered ${status} with something else than the Data Pipelines API does; check --url`,
  )
}

async function exchange(
  url: URL,
  secret: string,
  form: [string, string][] | undefined,
): Promise<{ status: number; document: unknown }> {
  try {
    const response = await fetch(url, {
      method: form === undefined ? 'GET' : 'POST',
      headers: { authorization: `Basic ${Buffer.from(`${secret}:`).toString('base64')}` },
      // A redirection would carry the secret elsewhere.
      redirect: 'manual',
      signal: AbortSignal.timeout(answerMsMax),
      ...(form === undefined ? {} : { body: new URLSearchParams(form) }),
    })
    const text = await response.text()
    return { status: response.status, document: parseJson(text) }
  } catch (cause) {
    throw new PenstockError(
      'outside',
      'PIPELINE_SERVER_UNREACHABLE',
      `no answer from ${url.origin}; is it up?`,
      {
        cause,
        retryable: true,
      },
    )
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** What the server refused, in its own words. A parameter that can't be is a misuse; the rest depends on the server. */
function refused(status: number, sentence: string): PenstockError {
  return new PenstockError(status === 400 ? 'caller' : 'outside', 'PIPELINE_REQUEST_REFUSED', sentence)
}
