import { readFileSync } from 'node:fs'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { CreatedProject } from '../../src/control/projects/manage-projects.ts'
import { basic, type PipelineServer, startPipelineServer } from '../support/pipeline-server.ts'

const guide = readFileSync(new URL('../../docs/guides/pipelines.md', import.meta.url), 'utf8')

let server: PipelineServer
let project: CreatedProject

beforeAll(async () => {
  server = await startPipelineServer(Date.parse('2024-03-01T20:00:00Z'))
  project = await server.project()
})
afterAll(() => server.close())

test('each curl command of the guide, one after the other, is answered with 200', async () => {
  const commands = curlCommands(guide)
  expect(commands).toHaveLength(13)
  for (const { path, form } of commands) {
    if (path.includes('/manifest?')) await finishEveryFolder()
    const response = await server.app.inject({
      method: form === '' ? 'GET' : 'POST',
      url: path,
      headers: {
        authorization: basic(`${project.apiSecret}:`),
        ...(form === '' ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
      },
      ...(form === '' ? {} : { payload: form }),
    })
    expect(`${response.statusCode} ${path}`).toBe(`200 ${path}`)
  }
})

/** As if they had been exported, and held nothing. */
async function finishEveryFolder(): Promise<void> {
  await sql`
    insert into folder (pipeline_id, local_hour, hours, seen_commit, selection, duplicates, exported_at)
    select pipeline_id, local_hour, hours, 1, sha256(''), 0, now() from run`.execute(server.database.db)
}

test('the guide explains every parameter that create takes', async () => {
  const answer = await server.call(project.apiSecret, 'create', { colour: 'red' })
  const names: string[] = /the parameters are (.*)$/.exec(answer.json.error)?.[1]?.split(', ') ?? []
  expect(names).toContain('s3_bucket')
  expect(names.filter((name) => !new RegExp(`\`${name}(=true)?\``).test(guide))).toEqual([])
})

/** The curl commands of a page, as curl itself would send them: with -d by POST, the values joined as they stand. */
function curlCommands(page: string): { path: string; form: string }[] {
  const role = /^ROLE=(\S+)/m.exec(page)?.[1] ?? ''
  return [...page.replaceAll('\\\n', ' ').matchAll(/^curl "\$URL(?<path>[^"]+)" (?<rest>.*)$/gm)].map(
    ({ groups }) => {
      const values = [...(groups?.rest ?? '').matchAll(/-d (\w+)="([^"]*)"/g)]
      const form = values.map(([, name, value]) => `${name}=${value?.replace('$ROLE', role)}`).join('&')
      return { path: groups?.path ?? '', form }
    },
  )
}
