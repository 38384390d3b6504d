/**
 * From a new project to a verified folder, as a person does it: in a browser, against a running Penstock and the sandbox.
 *
 *  1. an operator has made a project on the command line (console-set-up.test.ts makes one in the page); its secret signs in
 *  2. the set-up page waits; the first event comes as its snippet sends it, and the light turns green
 *  3. a client is refused, and the live page says why; a user's events are found; the schema has the names
 *  4. a new pipeline: the test says that the role does not let Penstock in
 *  5. what the page shows is pasted into the account, and the test passes
 *  6. the preview and the size of the backfill are looked at, and the pipeline is created
 *  7. its folders are delivered as one looks, and everything is there
 *  8. a folder is opened: its manifest, its files, its history; it is verified
 *  9. a file is lost, and verification says so
 * 10. it is paused, resumed, given another selection, and canceled
 * 11. signing out ends it
 */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  type ConsoleBrowser,
  type ConsolePage,
  expectAccessible,
  inBothColours,
  openConsoleBrowser,
} from '../support/console/console-browser.ts'
import { fillDestination } from '../support/console/destination-form.ts'
import type { SandboxAccount } from '../support/export-place.ts'
import { penstockJson, type RunningPenstock } from '../support/penstock-process.ts'
import { openServingPlace, type ServingPlace } from '../support/serving-place.ts'

/** Days of events before today. */
const days = 45
const openedDay = dayBack(10)

interface Project {
  project_id: number
  token: string
  api_secret: string
}

let place: ServingPlace
let penstock: RunningPenstock
let project: Project
let account: SandboxAccount
let browser: ConsoleBrowser | undefined
let opened: ConsolePage
let page: Page

beforeAll(async () => {
  place = await openServingPlace('console')
  project = await penstockJson<Project>(['project', 'create', '--name', 'shop'], place.env)
  account = await place.place.admit(project.token)
  // The account's owner has a bucket, and nothing that lets anybody in.
  await place.place.changeWorld((world) => {
    for (const role of world.roles) Object.assign(role, { trust_policy: nobody, policies: [] })
  })
  penstock = await place.start()
  browser = await openConsoleBrowser()
  if (browser === undefined) throw new Error('no Chromium, and none could be installed')
  opened = await browser.open(penstock.url)
  page = opened.page
})
afterAll(async () => {
  await browser?.close()
  await penstock?.kill('SIGTERM')
  await place?.close()
})

const nobody = {
  Version: '2012-10-17',
  Statement: { Effect: 'Deny', Principal: { AWS: '*' }, Action: 'sts:AssumeRole' },
}

test('1. signing in with a wrong secret says so; the right one leads to the project', async () => {
  // There is a project, so nothing is to be set up.
  expect(penstock.said()).toContain(`Penstock takes events on ${penstock.url}\n`)
  expect(penstock.said()).not.toContain('setup')
  await page.goto('/')
  await page.getByRole('button', { name: 'Sign in' }).waitFor()
  await inBothColours(page, 'sign-in')
  await page.getByLabel('API secret', { exact: true }).fill('0'.repeat(32))
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('alert').waitFor()
  await page.getByLabel('API secret', { exact: true }).fill(project.api_secret)
  await page.keyboard.press('Enter')
  await page.getByText("No pipeline exports this project's events yet").waitFor()
  const kept = await page.evaluate(
    'JSON.stringify([document.cookie, {...localStorage}, {...sessionStorage}])',
  )
  expect(kept).toBe('["",{},{}]')
  await expectAccessible(page)
})

test('2. the light turns green when the first event comes, sent as the snippet says', async () => {
  await page.getByRole('link', { name: 'Set up SDKs' }).click()
  await page.getByText('Waiting for the first event').waitFor()
  const snippet = (await page.locator('figure.copied pre').first().textContent()) ?? ''
  const [, url = '', body = ''] = /curl '([^']+)'[\s\S]*-d '([^']+)'/.exec(snippet) ?? []
  const answer = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
  expect(await answer.json()).toEqual({ status: 1, error: null })
  await page.getByText('Events are arriving here').waitFor()
  await page.getByText('First event', { exact: true }).waitFor()
  await inBothColours(page, 'sdk')
})

test('3. live events, refusals with their reasons, one user, and the schema', async () => {
  await page.getByRole('link', { name: 'Events', exact: true }).click()
  await page.getByText(/^▸live$/).waitFor()
  await sendDays(project)
  await page.getByText('Order paid').first().waitFor()
  await importEvents(project, [{ event: 'Order paid', properties: { distinct_id: 'ann', $insert_id: 'x' } }])
  await page.getByRole('cell', { name: 'properties.time', exact: true }).waitFor()
  await inBothColours(page, 'live')

  await page.getByRole('link', { name: 'One user' }).click()
  await page.getByLabel('distinct_id').fill('user-3')
  await page.getByRole('button', { name: 'Find the last events' }).click()
  await page.getByText('Order paid').first().waitFor()
  await expectAccessible(page)

  await page.getByRole('link', { name: 'Schema' }).click()
  await page.getByText('Signed up', { exact: true }).click()
  await page.getByRole('rowheader', { name: 'plan' }).first().waitFor()
  await inBothColours(page, 'schema')
})

test('4. a role that lets nobody in is told of, with the statement to paste', async () => {
  await page.getByRole('link', { name: 'Pipelines', exact: true }).click()
  await fillDestination(page, {
    ...{ bucket: account.bucketName, region: account.region, prefix: account.prefix },
    ...{ account: account.id, roleName: 'example-s3-role' },
  })
  await page.getByRole('button', { name: 'Test', exact: true }).click()
  await page.getByText('STS_ROLE_DENIED').waitFor()
  expect(await page.locator('.repair pre').first().textContent()).toContain(project.token)
  await page.getByText('STS_ROLE_DENIED').scrollIntoViewIfNeeded()
  await inBothColours(page, 'connection-test')
})

test('5. with what the page shows pasted into the account, every step passes', async () => {
  await page.getByRole('tab', { name: 'Policies' }).click()
  const trust = await shownJson('Trust policy')
  const permissions = await shownJson('Permissions policy')
  await place.place.changeWorld((world) => {
    for (const role of world.roles) Object.assign(role, { trust_policy: trust, policies: [permissions] })
  })
  await page.getByRole('button', { name: 'Test again' }).click()
  await page.getByText('every step passed').waitFor()
})

test('6. what it selects is previewed, how much it is is told, and the request stands there for curl', async () => {
  await page.getByRole('button', { name: 'Preview the newest events' }).click()
  await page.getByText('looked at, back to').waitFor()
  await page.getByLabel('Expression (where)').fill('properties["plan"] ==')
  await page.getByRole('button', { name: 'Preview the newest events' }).click()
  await page.getByRole('alert').getByText('where').waitFor()
  await page.getByLabel('Expression (where)').fill('')
  await page.getByLabel('First day').fill(dayBack(days))
  await page.getByText(`Due at once: ${days} folders`).waitFor()
  const command = page.getByRole('figure', { name: 'The same from a terminal' })
  expect(await command.textContent()).toContain(`-d s3_bucket=${account.bucketName}`)
  await page.getByRole('heading', { name: 'New pipeline' }).scrollIntoViewIfNeeded()
  await inBothColours(page, 'new-pipeline')
  // Slow enough for somebody to look on.
  await place.place.control.fault({ action: 'PutObject', key: 'full_day/part-', delay_ms: 1500 })
  await page.getByRole('button', { name: 'Create the pipeline' }).click()
  await page.getByRole('heading', { name: 'events-daily-s3-raw' }).waitFor()
})

test('7. the folders are delivered as one looks, and everything is there', async () => {
  const runs = page.getByRole('region', { name: 'Runs under way' })
  await runs.getByText(/live$/).waitFor()
  await runs.locator('[aria-current="step"]').first().waitFor()
  await runs.getByText(/[1-9]\d* of 45 folders/).waitFor()
  await page.getByText('Not yet', { exact: true }).waitFor()
  await inBothColours(page, 'run')
  await place.place.control.clearFaults()
  await page.getByText(/^Yes$/).waitFor()
  await expect.poll(() => page.locator('.calendar .delivered').count(), { timeout: 30_000 }).toBe(days)
  await inBothColours(page, 'pipeline')
})

test('8. a folder says what it consists of and how it came about, and is verified', async () => {
  await page.locator(`[data-folder="${openedDay}"]`).click()
  await page.getByText(`test/${project.project_id}/`).waitFor()
  await page.getByRole('tab', { name: 'Files' }).click()
  await page.getByText(/part-00000-\w+\.json\.gz/).waitFor()
  await page.getByRole('tab', { name: 'History' }).click()
  await page.getByText('attempt 1: succeeded').waitFor()
  await page.getByRole('tab', { name: 'Verification' }).click()
  await page.getByRole('button', { name: 'Verify the folder' }).click()
  await page.getByText('Verified', { exact: true }).waitFor()
  await inBothColours(page, 'folder')
})

test('9. a file that is lost from the bucket is told by name', async () => {
  const folder = `test/${project.project_id}/${openedDay.replaceAll('-', '/')}/full_day/`
  await account.bucket.removeAll(`${folder}part-`)
  await page.getByRole('button', { name: 'Verify the folder' }).click()
  await page.getByText('1 difference').waitFor()
  await page.getByText('file missing').waitFor()
  await expectAccessible(page)
})

test('10. it is paused and resumed, given another selection, and canceled, which is asked about first', async () => {
  await page.getByRole('button', { name: 'Close the folder' }).click()
  await page.getByRole('button', { name: 'Pause', exact: true }).click()
  await page.getByRole('button', { name: 'Resume', exact: true }).click()
  await page.getByRole('button', { name: 'Pause', exact: true }).waitFor()

  await page.getByRole('button', { name: 'Edit selection' }).click()
  await page.getByLabel('Event names, one a line').fill('Order paid')
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByText('only Order paid').waitFor()

  const cancel = page.getByRole('button', { name: 'Cancel pipeline', exact: true })
  await cancel.click()
  await page.getByText('a canceled pipeline', { exact: false }).waitFor()
  await expectAccessible(page)
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  await cancel.click()
  await page.getByRole('button', { name: 'Cancel the pipeline' }).click()
  await page.getByText("No pipeline exports this project's events yet").waitFor()
})

test('11. signing out ends the session, and nothing of the page broke its policy', async () => {
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.getByRole('button', { name: 'Sign in' }).waitFor()
  const answer = await page.request.get(`/api/2.0/nessie/pipeline/jobs?project_id=${project.project_id}`)
  expect(answer.status()).toBe(401)
  expect(opened.faults).toEqual([])
})

async function shownJson(title: string): Promise<object> {
  const text = await page
    .getByRole('tabpanel')
    .getByRole('figure', { name: title })
    .locator('pre')
    .textContent()
  return JSON.parse(text ?? '')
}

function dayBack(days: number): string {
  return new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10)
}

/** Some events on each of the last days, more of them on working days. */
async function sendDays(of: Project): Promise<void> {
  for (let back = 1; back <= days; back++) {
    const weekend = [0, 6].includes(new Date(`${dayBack(back)}T00:00:00Z`).getUTCDay())
    const events = Array.from({ length: weekend ? 12 : 60 + ((back * 37) % 50) }, (_, index) => ({
      event: index % 4 === 0 ? 'Signed up' : 'Order paid',
      properties: {
        time: Math.floor(Date.parse(`${dayBack(back)}T10:00:00Z`) / 1000) + index,
        distinct_id: `user-${index % 20}`,
        $insert_id: `d${back}-${index}`,
        plan: index % 3 === 0 ? 'company' : 'team',
        total: index * 1.5,
      },
    }))
    expect(await importEvents(of, events)).toBe(200)
  }
}

async function importEvents({ api_secret: secret }: Project, events: object[]): Promise<number> {
  const answer = await fetch(`${penstock.url}/import?strict=1`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Basic ${Buffer.from(`${secret}:`).toString('base64')}`,
    },
    body: JSON.stringify(events),
  })
  return answer.status
}
