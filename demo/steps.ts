/** The steps of the demo, in their order; each says what it does. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { type Calendar, makeCalendar } from './days.ts'
import { makeEvents, pastDays, type SentEvent } from './events.ts'
import { sentIdentity, sentTimeMs } from './expected-event.ts'
import { createCommand, createPipeline, prefix, waitForRuns } from './pipeline.ts'
import { type Bucket, readBucket } from './read-bucket.ts'
import { say, sayStep } from './say.ts'
import { type Api, sendImport, sendTrack } from './send.ts'
import { planSendings } from './sendings.ts'
import type { Stage } from './stage.ts'
import { verify } from './verify.ts'
import { bucket, exporter, makeWorld } from './world.ts'

const createdProject = z.object({ project_id: z.int(), token: z.string(), api_secret: z.string() })
type Project = z.output<typeof createdProject>
const ready = z.object({ url: z.string() })

export interface Outcome {
  project: Project
  sandboxUrl: string
  apiUrl: string
  bucket: Bucket
  /** How many folders there must be, and how many different events in them. */
  days: number
  events: number
  differences: string[]
}

/** Everything from an empty folder to a verified bucket. */
export async function runSteps(stage: Stage, signal: AbortSignal): Promise<Outcome> {
  const calendar = makeCalendar(Date.now(), pastDays)
  const env = { PENSTOCK_DATA_DIR: join(stage.folder, 'penstock-data'), PENSTOCK_LOG_LEVEL: 'warn' }
  const project = await makeProject(stage, env, calendar.timeZone)
  const sandboxUrl = await startSandbox(stage, project)
  const apiUrl = await startServe(stage, env, sandboxUrl)
  const api = { url: apiUrl, apiSecret: project.api_secret, signal }
  const fromMs = Date.now()
  const sent = await sendEvents(api, calendar, project.token)
  const receivedDuring = { fromMs, untilMs: Date.now() }
  await exportDays(api, calendar)
  const landed = await readBucket(sandboxUrl, signal)
  const dates = calendar.past.map((day) => day.date)
  const root = `${prefix}/${project.project_id}/`
  const expectation = { root, timeZone: calendar.timeZone, dates, sent, receivedDuring }
  return {
    project,
    sandboxUrl,
    apiUrl,
    bucket: landed,
    days: dates.length,
    events: new Set(sent.filter((event) => sentTimeMs(event) < calendar.today.startMs).map(sentIdentity))
      .size,
    differences: verify(expectation, landed),
  }
}

async function makeProject(stage: Stage, env: Record<string, string>, timeZone: string): Promise<Project> {
  const args = ['project', 'create', '--name', 'demo', '--timezone', timeZone]
  sayStep('Make a project: who sends events, and in which time zone its days are', args)
  const project = createdProject.parse(await stage.run(args, env))
  say(
    `project ${project.project_id}, token ${project.token}, API secret ${project.api_secret} (made up for this run)`,
  )
  return project
}

async function startSandbox(stage: Stage, { token }: Project): Promise<string> {
  const args = ['sandbox', '--world', 'world.json']
  sayStep('Start a sandbox AWS with a bucket in the account of a customer', args)
  await writeFile(join(stage.folder, 'world.json'), JSON.stringify(makeWorld(token), null, 2))
  const { url } = ready.parse(await stage.start(args, {}))
  say(
    `${url}: bucket ${bucket.name} of account ${bucket.account}, and a role for Penstock's account 111111111111`,
  )
  say("that asks for the project's token as external ID and allows four actions on the bucket")
  return url
}

async function startServe(stage: Stage, env: Record<string, string>, sandboxUrl: string): Promise<string> {
  const args = ['serve']
  sayStep('Start Penstock, with its own PostgreSQL, in a temporary folder', args)
  const { url } = ready.parse(
    await stage.start(args, {
      ...env,
      PENSTOCK_PORT: '0',
      PENSTOCK_S3_PATH_STYLE: 'true',
      AWS_ENDPOINT_URL: sandboxUrl,
      AWS_REGION: bucket.region,
      AWS_ACCESS_KEY_ID: exporter.accessKeyId,
      AWS_SECRET_ACCESS_KEY: exporter.secretAccessKey,
    }),
  )
  say(url)
  return url
}

/** @returns every event that was acknowledged, as often as it was */
async function sendEvents(api: Api, calendar: Calendar, token: string): Promise<SentEvent[]> {
  sayStep(`Send events of ${pastDays} days and of today, out of order and some of them twice`)
  const { imports, tracks } = planSendings(makeEvents(calendar, Date.now()), token)
  for (const events of imports) await sendImport(api, events)
  say(`POST /import: ${imports.flat().length} events in ${imports.length} requests (gzip, lines of JSON)`)
  for (const events of tracks) await sendTrack(api, events)
  say(`POST /track: ${tracks.flat().length} events in ${tracks.length} requests (form, base64)`)
  const sent = [...imports, ...tracks].flat()
  const distinct = new Set(sent.map(sentIdentity)).size
  say(`${distinct} different events; ${sent.length - distinct} were sent a second time`)
  return sent
}

async function exportDays(api: Api, { past, today }: Calendar): Promise<void> {
  sayStep("Ask for the export, in the words of Mixpanel's Data Pipelines API")
  const fromDate = past[0]?.date ?? today.date
  say(createCommand(api, fromDate))
  const name = await createPipeline(api, fromDate)
  await waitForRuns(api, name, past.length)
  say(`${name}: ${past.length} days are exported; ${today.date} follows at 00:30 of the next day`)
}
