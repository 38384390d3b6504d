/**
 * One project of the suite, from its first event to its last, as its client lives it:
 *
 *   sending ──all answered──▶ a pipeline is asked for ──▶ sending late events ──▶ quiet
 *
 * What it notes is what it was told: what it sent, and what was answered before it asked for the pipeline.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { SentEvent } from '../../../demo/events.ts'
import type { Random } from '../../../demo/random.ts'
import type { CreatedProject } from '../../../src/control/projects/manage-projects.ts'
import type { Account } from '../export-place.ts'
import { createLoyalClient, type LoyalClient } from '../loyal-client.ts'
import { pipelinesClient } from '../pipelines-client.ts'

export interface TenantOptions {
  index: number
  project: CreatedProject
  account: Account
  /** `YYYY-MM-DD`, UTC; over, and its folder due. */
  day: string
  urls: readonly string[]
  random: Random
}

export interface TenantLife {
  readonly options: TenantOptions
  readonly client: LoyalClient
  /** Key of the day's folder. */
  readonly folder: string
  /** Known once the pipeline is there. */
  pipeline(): string | undefined
  /** Every event that was answered before the pipeline was asked for; undefined before that. */
  promised(): readonly SentEvent[] | undefined
  live(until: AbortSignal): Promise<void>
  /** Sends what is unanswered until it is answered. */
  settle(): Promise<void>
}

export function createTenantLife(options: TenantOptions): TenantLife {
  const { index, project, account, day, urls, random } = options
  const client = createLoyalClient({
    id: index,
    secret: project.apiSecret,
    token: project.token,
    dayStartSeconds: Date.parse(day) / 1000,
    random,
  })
  const anyUrl = (): string => urls[random.whole(0, urls.length)] ?? ''
  const life = { pipeline: undefined as string | undefined, promised: undefined as SentEvent[] | undefined }

  const send = async (requests: number): Promise<void> => {
    for (let sent = 0; sent < requests; sent++) {
      await unlessGone(client.settle(anyUrl()))
      await unlessGone(client.send(anyUrl(), 1))
      await sleep(random.whole(0, 300))
    }
  }
  const settle = async (): Promise<void> => {
    while (!(await unlessGone(client.settle(anyUrl())))) await sleep(200)
  }
  return {
    ...{ options, client, settle },
    folder: `${account.prefix}/${project.projectId}/${day.replaceAll('-', '/')}/full_day/`,
    pipeline: () => life.pipeline,
    promised: () => life.promised,
    live: async (until) => {
      await send(random.whole(5, 15))
      await settle()
      life.promised = [...client.sent]
      life.pipeline = await createPipeline(options, anyUrl)
      for (let bursts = random.whole(4, 16); bursts > 0 && !until.aborted; bursts--) {
        await sleep(random.whole(500, 4000))
        await send(random.whole(1, 6))
      }
    },
  }
}

/** False when the API or what it stands on was away; every other answer but success is a defect. */
async function unlessGone(sending: Promise<void>): Promise<boolean> {
  try {
    await sending
    return true
  } catch (error) {
    if (error instanceof Error && error.message === 'the server is gone') return false
    throw error
  }
}

/** Whoever is not answered looks whether it is there, before asking again. */
async function createPipeline(
  { project, account, day }: TenantOptions,
  anyUrl: () => string,
): Promise<string> {
  const form = {
    type: 's3-raw',
    from_date: day,
    to_date: day,
    s3_bucket: account.bucketName,
    s3_region: account.region,
    s3_prefix: account.prefix,
    s3_role: account.role,
    manifest: 'true',
    // It would meet the suite's faults, and be refused for them.
    skip_check: 'true',
  }
  for (;;) {
    const pipelines = pipelinesClient(anyUrl(), project.apiSecret)
    try {
      const { status, json } = await pipelines.call('jobs')
      const [known] = status === 200 ? Object.values(json as Record<string, { name: string }[]>).flat() : []
      if (known !== undefined) return known.name
      if (status === 200) return await pipelines.create(form)
    } catch {
      // Away; or it was made and not answered.
    }
    await sleep(200)
  }
}
