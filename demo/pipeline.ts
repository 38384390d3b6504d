/** The request that starts an export, and the wait for its runs. */
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { requestJson } from './request-json.ts'
import { type Api, basicAuthorization } from './send.ts'
import { bucket, roleArn } from './world.ts'

const path = '/api/2.0/nessie/pipeline'
export const prefix = 'test'

/** As people type it; `createPipeline` sends the same. */
export function createCommand({ url, apiSecret }: Api, fromDate: string): string {
  const [type, from, name, region, ...rest] = parameters(fromDate).map(
    ([key, value]) => `-d ${key}="${value}"`,
  )
  return [
    `curl ${url}${path}/create -u ${apiSecret}: \\`,
    ` ${[type, from, name, region].join(' ')} \\`,
    ` ${rest.join(' ')}`,
  ].join('\n')
}

function parameters(fromDate: string): [string, string][] {
  return [
    ['type', 's3-raw'],
    ['from_date', fromDate],
    ['s3_bucket', bucket.name],
    ['s3_region', bucket.region],
    ['s3_prefix', prefix],
    ['s3_role', roleArn],
    ['s3_encryption', 'aes'],
  ]
}

const created = z.object({ pipeline_names: z.tuple([z.string()]) })

/** @returns the pipeline's name */
export async function createPipeline({ url, apiSecret, signal }: Api, fromDate: string): Promise<string> {
  const answer = await requestJson(created, `${url}${path}/create`, {
    method: 'POST',
    headers: { authorization: basicAuthorization(apiSecret) },
    body: new URLSearchParams(parameters(fromDate)),
    signal,
  })
  return answer.pipeline_names[0]
}

const runsByState = z.record(
  z.string(),
  z.array(z.object({ from_date: z.string(), error: z.object({ message: z.string() }).optional() })),
)
const pollMs = 200
const waitMs = 60_000

/** Resolves when as many runs have succeeded as there are days; throws when one can't, or after a minute. */
export async function waitForRuns(
  { url, apiSecret, signal }: Api,
  name: string,
  days: number,
): Promise<void> {
  const deadline = AbortSignal.timeout(waitMs)
  for (;;) {
    const runs = await requestJson(runsByState, `${url}${path}/status?name=${name}`, {
      headers: { authorization: basicAuthorization(apiSecret) },
      signal,
    })
    const { succeeded = [], pending = [], running = [], retried = [], ...ended } = runs
    if (succeeded.length === days && pending.length + running.length + retried.length === 0) return
    const failed = Object.values(ended).flat()
    if (failed.length > 0)
      throw new Error(`a run did not succeed: ${failed[0]?.error?.message ?? 'no reason given'}`)
    if (deadline.aborted) {
      throw new Error(
        `after a minute ${succeeded.length} of ${days} runs have succeeded: ${JSON.stringify(runs)}`,
      )
    }
    await sleep(pollMs, undefined, { signal })
  }
}
