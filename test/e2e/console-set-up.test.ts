/**
 * From an empty installation to a verified folder in the browser alone.
 *
 * 1. `penstock serve` is started on an empty data directory. Where it runs (a terminal, a container's log, the journal) it has
 *    printed a link; the console's page asks for what stands in it, and a guess makes nothing
 * 2. By the keyboard alone: the link is opened, the first project is named, and made; its secret is shown
 * 3. The first event comes, as an SDK sends it, and the light turns green
 * 4. The form of a pipeline is filled in; what it says is pasted into the account of the bucket, in another tab as one does in
 *    AWS's own console; the connection is tested, and the pipeline created
 * 5. The calendar has the day's folder delivered; it is opened, and verified
 * 6. The set-up is closed: the link leads to where one signs in
 *
 * And an operator who chooses the token instead, and makes the project on the command line.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createProject } from '../../src/control/projects/manage-projects.ts'
import { type Installation, openInstallation } from '../support/chosen-shape.ts'
import {
  type ConsoleBrowser,
  type ConsolePage,
  expectAccessible,
  inBothColours,
  openConsoleBrowser,
} from '../support/console/console-browser.ts'
import { fillDestination } from '../support/console/destination-form.ts'
import { tabTo } from '../support/console/keyboard.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import {
  openSandboxPlace,
  type SandboxAccount,
  type SandboxPlace,
  type World,
} from '../support/export-place.ts'
import { type RunningPenstock, startPenstock } from '../support/penstock-process.ts'
import { datesOverAndDue } from '../support/tenant.ts'

/** The link as it is printed. */
const linkForm = /https?:\/\/\S+\/console\/setup#([0-9a-f]{32})/

describe('somebody who has a browser', () => {
  const [day = ''] = datesOverAndDue(1)

  let folder: string
  let place: SandboxPlace
  let account: SandboxAccount
  let world: World
  let installation: Installation
  let penstock: RunningPenstock
  let browser: ConsoleBrowser | undefined
  let opened: ConsolePage
  let page: Page
  let link: string

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'penstock-set-up-'))
    place = await openSandboxPlace(folder)
    // The bucket's owner has a role that lets nobody in yet: whom it shall let in is not known.
    account = await place.admit('0'.repeat(32))
    await place.changeWorld((current) => {
      for (const role of current.roles) Object.assign(role, { policies: [] })
      world = current
    })
    installation = await openInstallation({
      ...place.env,
      PENSTOCK_DATA_DIR: join(folder, 'data'),
      PENSTOCK_SCHEDULER_INTERVAL_MS: '200',
    })
    penstock = await installation.start()
    browser = await openConsoleBrowser()
    if (browser === undefined) throw new Error('no Chromium, and none could be installed')
    opened = await browser.open(penstock.url, { timezoneId: 'Europe/Berlin' })
    page = opened.page
  })
  afterAll(async () => {
    await browser?.close()
    await penstock?.kill('SIGTERM')
    await installation?.close()
    await place?.close()
    await rm(folder, { recursive: true, force: true })
  })

  test('1. is asked for what Penstock has printed where it runs, and gets nowhere by a guess', async () => {
    link = linkForm.exec(penstock.said())?.[0] ?? ''
    await page.goto('/')
    await page.getByRole('heading', { name: 'Set up Penstock' }).waitFor()
    await page.getByLabel('Name of the project').fill('shop')
    await page.getByLabel('Set-up token').fill('0'.repeat(32))
    await page.getByRole('button', { name: 'Make the project' }).click()
    await page.getByRole('alert').getByText('set-up token is not known').waitFor()
    await expectAccessible(page)
  })

  test('2. makes the first project by the keyboard alone, and is shown its secret', async () => {
    await page.goto('/')
    await page.getByRole('heading', { name: 'Set up Penstock' }).waitFor()
    await page.goto(link)
    const field = page.getByLabel('Set-up token')
    await expect.poll(() => field.inputValue(), { timeout: 10_000 }).toBe(link.split('#')[1])
    // Nobody who looks at the address, or at what the browser remembers of this tab, finds it.
    expect(new URL(page.url()).hash).toBe('')
    await inBothColours(page, 'set-up')
    await tabTo(page.getByLabel('Name of the project'))
    await page.keyboard.type('shop')
    await tabTo(page.getByLabel('Time zone'))
    expect(await page.getByLabel('Time zone').inputValue()).toBe('Europe/Berlin')
    await tabTo(page.getByRole('button', { name: 'Make the project' }))
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'The project is made' }).and(page.locator(':focus')).waitFor()
    await expectAccessible(page)
    const secret = await page.getByRole('figure', { name: 'API secret' }).locator('pre').textContent()
    expect(secret).toMatch(/^[0-9a-f]{32}$/)
    const kept = await page.evaluate(
      'JSON.stringify([location.href, document.cookie, {...localStorage}, {...sessionStorage}])',
    )
    expect(kept).not.toContain(secret)
    await expect
      .poll(() => penstock.log(), { timeout: 10_000 })
      .toContain('the first project was made in the console')
    expect(penstock.log()).not.toContain(secret)
    expect(penstock.log()).not.toContain(link.split('#')[1])
    await tabTo(page.getByRole('link', { name: 'I have kept the secret: send the first event' }))
    await page.keyboard.press('Enter')
  })

  test('3. sends the first event as an SDK does, and the light turns green', async () => {
    await page.getByText('Waiting for the first event').waitFor()
    const token = await page.locator('.facts code.break').textContent()
    const event = {
      event: 'First event',
      properties: { token, time: Date.parse(day) / 1000 + 43_200, distinct_id: 'me', $insert_id: 'first' },
    }
    const answer = await page.evaluate(async (data) => {
      const body = new URLSearchParams({ data: btoa(JSON.stringify([data])) })
      return await (await fetch('/track/?verbose=1&ip=1', { method: 'POST', body })).json()
    }, event)
    expect(answer).toEqual({ status: 1, error: null })
    await page.getByText('Events are arriving here').waitFor()
  })

  test('4. fills in a pipeline, lets Penstock into the bucket with what it says, and creates it', async () => {
    await page.getByRole('link', { name: 'Pipelines', exact: true }).click()
    await fillDestination(page, {
      ...{ bucket: account.bucketName, region: account.region, prefix: account.prefix },
      ...{ account: account.id, roleName: 'example-s3-role' },
    })
    await page.getByLabel('First day').fill(day)
    await page.getByRole('tab', { name: 'Policies' }).click()
    await pasteIntoAccount({
      trust_policy: await shownJson('Trust policy'),
      policies: [await shownJson('Permissions policy')],
    })
    await page.getByRole('button', { name: 'Test', exact: true }).click()
    await page.getByText('every step passed').waitFor()
    await page.getByRole('button', { name: 'Create the pipeline' }).click()
    await page.getByRole('heading', { name: 'events-daily-s3-raw' }).waitFor()
  })

  test('5. sees the folder delivered, and that the bucket has it so', async () => {
    await page.locator(`.calendar .delivered[data-folder="${day}"]`).waitFor()
    await page.getByText(/^Yes$/).waitFor()
    await page.locator(`[data-folder="${day}"]`).click()
    await page.getByRole('tab', { name: 'Verification' }).click()
    await page.getByRole('button', { name: 'Verify the folder' }).click()
    await page.getByText('Verified', { exact: true }).waitFor()
    expect(opened.faults).toEqual([])
  })

  test('6. is the only one: for everybody else the link leads to where one signs in', async () => {
    const stranger = await browser?.open(penstock.url)
    await stranger?.page.goto(link)
    await stranger?.page.getByRole('button', { name: 'Sign in' }).waitFor()
    await stranger?.close()
  })

  async function shownJson(title: string): Promise<object> {
    const figure = page.getByRole('tabpanel').getByRole('figure', { name: title })
    return JSON.parse((await figure.locator('pre').textContent()) ?? '')
  }

  /** In a tab of the bucket's owner, at AWS. */
  async function pasteIntoAccount(role: object): Promise<void> {
    for (const each of world.roles) Object.assign(each, role)
    const aws = await browser?.open(place.env.AWS_ENDPOINT_URL ?? '')
    await aws?.page.goto('/')
    const status = await aws?.page.evaluate(async (body) => {
      return (await fetch('/_sandbox/world', { method: 'PUT', body })).status
    }, JSON.stringify(world))
    expect(status).toBeLessThan(300)
    await aws?.close()
  }
})

describe('an operator', () => {
  const own = 'a-token-of-the-operators-own'

  let folder: string
  let database: TestDatabase
  let env: Record<string, string>

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'penstock-set-up-'))
    database = await createTestDatabase()
    env = {
      PENSTOCK_DATABASE_URL: database.url,
      PENSTOCK_DATA_DIR: folder,
      PENSTOCK_SETUP_TOKEN: own,
    }
  })
  afterAll(async () => {
    await database.drop()
    await rm(folder, { recursive: true, force: true })
  })

  test('chooses the token, which is told nowhere, and closes the page by making a project', async () => {
    const penstock = await startPenstock(env, ['--roles', 'api', '--json'])
    expect(JSON.parse(penstock.said()).setup_url).toBe(`${penstock.url}/console/setup`)
    expect(penstock.said() + penstock.log()).not.toContain(own)
    const isSetUp = async () => (await fetch(`${penstock.url}/console/installation`)).json()
    expect(await isSetUp()).toEqual({ set_up: false })
    // As `penstock project create` does.
    await createProject(database.db, { name: 'shop', timeZone: 'UTC' })
    expect(await isSetUp()).toEqual({ set_up: true })
    await penstock.kill('SIGTERM')
  })
})
