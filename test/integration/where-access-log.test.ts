/** A public website's access log, selected by `where` and `events`, gives the lines that jq gives with the same filter. */
import { execFileSync } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { LocalHour, ProjectId } from '../../src/ids.ts'
import { accessLogIsThere, readAccessLog } from '../support/access-log.ts'
import { lineOf, type TestEvent } from '../support/event-batches.ts'
import { createExportWorld, type ExportWorld } from '../support/export-world.ts'
import { insertPipeline, insertProject, insertRun, readRun } from '../support/pipeline-rows.ts'
import { openStorePlace, type StorePlace } from '../support/store-place.ts'

const missing = accessLogIsThere ? (hasJq() ? undefined : 'jq is not there') : '../shared/data is not there'
process.stdout.write(`${missing === undefined ? 'runs' : `skipped, ${missing}`}: where beside jq\n`)

const day = 473_352 as LocalHour
const outputBytesMax = 64 * 1024 * 1024

describe.skipIf(missing !== undefined)('the access log', () => {
  let storePlace: StorePlace
  let world: ExportWorld
  let projectId: ProjectId
  let ndjson: string
  beforeAll(async () => {
    storePlace = await openStorePlace('where-log')
    world = await createExportWorld({
      ...storePlace,
      startMs: (day + 48) * 3_600_000,
      sizes: { partSizeBytes: 256 * 1024, fileSizeBytes: 256 * 1024 },
    })
    projectId = await insertProject(storePlace.db)
    const { events } = await readAccessLog('2024-01-01')
    // All in one day, so that a filter is one run; the log sends some events twice, which then are not twice the same.
    const inOneDay = events.map((event, index) => ({
      ...event,
      properties: { ...event.properties, time: day * 3600 + index },
    })) as TestEvent[]
    ndjson = inOneDay.map((event) => `${lineOf(event)}\n`).join('')
    await world.append(projectId, 'UTC', inOneDay)
  })
  afterAll(async () => {
    await storePlace?.close()
  })

  const status = 'properties["status"]'
  test.each<[where: string | null, events: string[] | null, jq: string]>([
    [`${status} == 404`, null, '.properties.status == 404'],
    [`${status} >= 400 and ${status} < 500`, null, '.properties.status >= 400 and .properties.status < 500'],
    ['"bot" in properties["user_agent"]', null, '.properties.user_agent | contains("bot")'],
    [
      'properties["bytes"] / 1024 > 50 or not defined(properties["bytes"])',
      null,
      '.properties | (.bytes != null and .bytes / 1024 > 50) or (has("bytes") | not)',
    ],
    [
      'properties["method"] in ["HEAD", "POST", "OPTIONS"]',
      null,
      '.properties.method | IN("HEAD", "POST", "OPTIONS")',
    ],
    ['event["$event_name"] == "Page Viewed"', null, '.event == "Page Viewed"'],
    [
      `not "Mozilla" in properties["user_agent"] and ${status} != 200`,
      ['Page Viewed', 'Blog Viewed', 'Image Loaded'],
      '(.event | IN("Page Viewed", "Blog Viewed", "Image Loaded")) and (.properties | (.user_agent | contains("Mozilla") | not) and .status != 200)',
    ],
    [
      `event["$time"] < datetime("2024-01-01T01:00:00") and string(${status}) == "200"`,
      null,
      `.properties.time < ${day * 3600 + 3600} and (.properties.status | tostring) == "200"`,
    ],
  ])('where %s, events %j', async (where, events, filter) => {
    const pipelineId = await insertPipeline(storePlace.db, projectId, {
      where_expression: where,
      events,
      s3_prefix: `where-${pipelines++}`,
    })
    const runId = await insertRun(storePlace.db, pipelineId, { local_hour: day })
    await world.work(runId)
    expect(await readRun(storePlace.db, runId)).toMatchObject({ state: 'succeeded' })
    const exported = world.bucket.lines(`where-${pipelines - 1}/${projectId}/2024/01/01/full_day/`)
    const selected = execFileSync('jq', ['-c', `select(${filter})`], {
      input: ndjson,
      encoding: 'utf8',
      maxBuffer: outputBytesMax,
    })
    const lines = selected.trimEnd().split('\n').map(normalized)
    expect(lines.length).toBeGreaterThan(1)
    expect(exported.map(normalized).sort()).toEqual(lines.sort())
  })
})

let pipelines = 0

/** What jq spells otherwise than JavaScript. */
function normalized(line: string): string {
  return JSON.stringify(JSON.parse(line))
}

function hasJq(): boolean {
  try {
    execFileSync('jq', ['--version'])
    return true
  } catch {
    return false
  }
}
