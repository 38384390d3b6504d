/** A project of a serving Penstock, and the account of the customer that it exports to. */
import type { RequestRecord } from '../../sandbox/request-log.ts'
import type { SandboxAccount, SandboxPlace } from './export-place.ts'
import { type Env, penstockJson, type RunningPenstock } from './penstock-process.ts'
import { basic } from './pipeline-server.ts'
import { type PipelinesClient, pipelinesClient } from './pipelines-client.ts'

export interface Tenant {
  projectId: number
  token: string
  secret: string
  account: SandboxAccount
  pipelines: PipelinesClient
  /** Sends one event of each day, `YYYY-MM-DD`, through /import. */
  sendEvents(dates: string[]): Promise<void>
  /** The pipeline request that its account is set up for. */
  request(fromDate: string): Record<string, string>
  /** What Penstock has asked of AWS for it: of its role and its bucket. */
  asked(): Promise<RequestRecord[]>
}

interface Surroundings {
  env: Env
  server: RunningPenstock
  place: SandboxPlace
}

export async function createTenant({ env, server, place }: Surroundings, name: string): Promise<Tenant> {
  const project = await penstockJson<{ project_id: number; token: string; api_secret: string }>(
    ['project', 'create', '--name', name],
    env,
  )
  const account = await place.admit(project.token)
  return {
    projectId: project.project_id,
    token: project.token,
    secret: project.api_secret,
    account,
    pipelines: pipelinesClient(server.url, project.api_secret),
    sendEvents: (dates) => sendEvents(server.url, project.api_secret, name, dates),
    request: (fromDate) => ({
      type: 's3-raw',
      from_date: fromDate,
      s3_bucket: account.bucketName,
      s3_region: account.region,
      s3_prefix: account.prefix,
      s3_role: account.role,
    }),
    asked: async () => {
      const records = await place.control.requests()
      return records.filter(
        ({ role, bucket, principal }) =>
          role === account.role ||
          (bucket === account.bucketName && principal?.endsWith(':user/owner') !== true),
      )
    },
  }
}

async function sendEvents(url: string, secret: string, name: string, dates: string[]): Promise<void> {
  const events = dates.map((date) => ({
    event: `${name} was there`,
    properties: { time: Date.parse(date) / 1000 + 43_200, distinct_id: name, $insert_id: date },
  }))
  const answer = await fetch(`${url}/import?strict=1`, {
    method: 'POST',
    headers: { authorization: basic(`${secret}:`), 'content-type': 'application/json' },
    body: JSON.stringify(events),
  })
  if (answer.status !== 200) throw new Error(`/import: ${answer.status} ${await answer.text()}`)
}

/** UTC dates, the oldest first: `count` days up to the day before yesterday, over and due wherever one is. */
export function datesOverAndDue(count: number): string[] {
  return Array.from({ length: count }, (_, index) =>
    new Date(Date.now() - (count + 1 - index) * 86_400_000).toISOString().slice(0, 10),
  )
}
