/**
 * A colleague with a service account, in a browser: owner of one project, analyst of another.
 *
 * 1. By the keyboard alone: signing in, to the project that may be managed, its pipeline, and a folder that is opened
 * 2. An event comes late: its folder says so, until the sync has delivered it
 * 3. The other project is chosen: the page says what the role may not do, and asks the server for nothing of it
 * 4. A project without a role; and then no role anywhere
 */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  type CreatedAccount,
  createAccount,
  grantRole,
  revokeRole,
} from '../../src/control/accounts/manage-accounts.ts'
import { type CreatedProject, createProject } from '../../src/control/projects/manage-projects.ts'
import type { ProjectId } from '../../src/ids.ts'
import {
  type ConsoleBrowser,
  type ConsolePage,
  expectAccessible,
  openConsoleBrowser,
} from '../support/console/console-browser.ts'
import { isFocused, tabTo } from '../support/console/keyboard.ts'
import {
  type RunningPenstock,
  type StartingPenstock,
  spawnPenstock,
  startPenstock,
} from '../support/penstock-process.ts'
import { basic } from '../support/pipeline-server.ts'
import { openServingPlace, type ServingPlace } from '../support/serving-place.ts'
import { createTenant, datesOverAndDue, type Tenant } from '../support/tenant.ts'

const dates = datesOverAndDue(3)
const day = dates.at(-1) ?? ''
const colleague = 'Night export'

let stage: ServingPlace
let api: RunningPenstock
/** Stopped between the export and the sync, so that what is late stays so while it is looked at. */
let worker: StartingPenstock
let shop: Tenant
let lab: CreatedProject
let account: CreatedAccount
let name: string
let browser: ConsoleBrowser | undefined
let opened: ConsolePage
let page: Page

beforeAll(async () => {
  stage = await openServingPlace('console-account', {
    PENSTOCK_LOG_LEVEL: 'error',
    PENSTOCK_SCHEDULER_INTERVAL_MS: '100',
    PENSTOCK_SYNC_INTERVAL_SECONDS: '1',
  })
  const { env, place } = stage
  const { db } = stage.database
  api = await startPenstock(env, ['--roles', 'api'])
  worker = spawnPenstock(env, ['--roles', 'scheduler,worker'])
  // The first one, and not the one to be led to.
  lab = await createProject(db, { name: 'lab', timeZone: 'UTC' })
  shop = await createTenant({ env, server: api, place }, 'shop')
  await shop.sendEvents(dates)
  name = await shop.pipelines.create(shop.request(dates[0] ?? ''))
  account = await createAccount(db, colleague)
  await grantRole(db, colleague, { projectId: lab.projectId, role: 'analyst' })
  await grantRole(db, colleague, { projectId: shop.projectId as ProjectId, role: 'owner' })
  browser = await openConsoleBrowser()
  if (browser === undefined) throw new Error('no Chromium, and none could be installed')
  opened = await browser.open(api.url)
  page = opened.page
  expect(Object.keys(await shop.pipelines.settled(name))).toEqual(['succeeded'])
  await worker.kill('SIGTERM')
})
afterAll(async () => {
  await browser?.close()
  await worker?.kill('SIGTERM')
  await api?.kill('SIGTERM')
  await stage?.close()
})

const projects = () => page.getByRole('combobox', { name: 'Project', exact: true })
const cellOf = (date: string) => page.locator(`[data-folder="${date}"]`)

test('1. the keyboard alone leads from signing in to an opened folder, and back to where it was opened', async () => {
  const { keyboard } = page
  await page.goto('/')
  await tabTo(page.getByLabel("a project's API secret"))
  await keyboard.press('ArrowDown')
  await tabTo(page.getByLabel('User name'))
  await keyboard.type(account.username)
  await tabTo(page.getByLabel('Secret', { exact: true }))
  await keyboard.type(account.secret)
  await keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Pipelines', exact: true }).waitFor()

  await tabTo(page.getByRole('link', { name: 'Skip to the content' }))
  await keyboard.press('Enter')
  await page.locator('main:focus').waitFor()
  await tabTo(page.getByRole('link', { name, exact: true }))
  await keyboard.press('Enter')
  await page.getByText(/^Yes$/).waitFor()

  // One cell is in the way of the tab key; arrows lead to the others.
  await tabTo(page.locator('.calendar [data-folder][tabindex="0"]'))
  for (let back = 0; back < 2 && !(await isFocused(cellOf(day))); back++) await keyboard.press('ArrowLeft')
  await keyboard.press('Enter')
  await page.getByRole('heading', { name: day }).and(page.locator(':focus')).waitFor()
  await page.getByText(`test/${shop.projectId}/${day.replaceAll('-', '/')}/full_day/`).waitFor()
  await tabTo(page.getByRole('tab', { name: 'Manifest' }))
  await keyboard.press('ArrowRight')
  await page.getByText(/part-00000-\w+\.json\.gz/).waitFor()
  await keyboard.press('ArrowRight')
  await page.getByText('export attempt 1: succeeded').waitFor()
  await keyboard.press('Escape')
  await cellOf(day).and(page.locator(':focus')).waitFor()
})

test('2. a late event is told of in its folder, and delivered as one looks', async () => {
  await importEvent('late')
  await page.locator(`.late_pending[data-folder="${day}"]`).waitFor()
  expect(await cellOf(day).textContent()).toContain(`${day}, late data pending, 1 event,`)
  await page.getByText('Late events for 1 folder wait for the next sync.').waitFor()
  await cellOf(day).click()
  await page.getByRole('tab', { name: 'History' }).click()
  await page.getByText('export attempt 1: succeeded').waitFor()
  await expectAccessible(page)

  worker = spawnPenstock(stage.env, ['--roles', 'scheduler,worker'])
  await page.getByText('sync attempt 1: succeeded').waitFor()
  await page.locator(`.delivered[data-folder="${day}"]`).waitFor()
  expect(await cellOf(day).textContent()).toContain(`${day}, delivered, 2 events,`)
  await page.getByText(/^Yes$/).waitFor()
  await page.getByRole('tab', { name: 'Manifest' }).click()
  await page.getByText('Late events added').waitFor()
  await page.getByRole('tab', { name: 'Files' }).click()
  await expect.poll(() => page.locator('.folder-panel tbody tr').count()).toBe(2)
})

test('3. of a project whose role is analyst the page says what it may not do, and asks for nothing', async () => {
  const asked: string[] = []
  page.on('request', (request) => {
    const id = new URL(request.url()).searchParams.get('project_id')
    if (id === String(lab.projectId)) asked.push(request.url())
  })
  await page.getByRole('navigation').waitFor()
  await projects().selectOption({ label: `lab (${lab.projectId})` })
  const why = page.getByText('Your role in lab is analyst. Its pipelines and events are shown to owners and')
  await why.waitFor()
  await expectAccessible(page)
  for (const path of [
    'pipelines',
    'pipelines/new',
    `pipelines/${name}`,
    'events',
    'events/users?user=ann',
    'sdk',
  ]) {
    await page.goto(`/console/projects/${lab.projectId}/${path}`)
    await why.waitFor()
    expect(await page.locator('main').locator('a, button, input, select').count()).toBe(0)
    // Nor are its pages offered above.
    expect(await page.getByRole('navigation').count()).toBe(0)
  }
  expect(asked).toEqual([])
  // Nor would it be told.
  for (const path of ['nessie/pipeline/jobs?', 'schema?', 'live?', 'events/recent?distinct_id=ann&']) {
    const answer = await page.request.get(`/api/2.0/${path}project_id=${lab.projectId}`)
    expect([path, answer.status()]).toEqual([path, 403])
  }
  await projects().selectOption({ label: `shop (${shop.projectId})` })
  await page.getByRole('link', { name, exact: true }).waitFor()
})

test('4. a project without a role is told as that, and an account without any is not sent in a circle', async () => {
  await page.goto('/console/projects/999999/pipelines')
  await page.getByText('You are signed in, but not to project 999999').waitFor()
  await projects().selectOption({ label: `lab (${lab.projectId})` })
  await page.getByText('Your role in lab is analyst.').waitFor()

  for (const id of [lab.projectId, shop.projectId as ProjectId]) {
    await revokeRole(stage.database.db, colleague, id)
  }
  await page.goto('/')
  await page.getByText('which has no role in any project').waitFor()
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.getByRole('button', { name: 'Sign in' }).waitFor()
  expect(opened.faults).toEqual([])
})

/** Of the opened day, which is exported. */
async function importEvent(id: string): Promise<void> {
  const properties = { time: Date.parse(day) / 1000, distinct_id: 'ann', $insert_id: id }
  const answer = await fetch(`${api.url}/import?strict=1`, {
    method: 'POST',
    headers: { authorization: basic(`${shop.secret}:`), 'content-type': 'application/json' },
    body: JSON.stringify([{ event: 'Viewed', properties }]),
  })
  expect(answer.status).toBe(200)
}
