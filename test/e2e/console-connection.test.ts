/**
 * Each failure of the connection test as people see it: the account is spoilt, the page names the step, and what it gives to
 * copy is pasted where it says and is enough. Then a pipeline whose destination refuses it: why it is paused, and the button
 * that tests again and goes on.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Repair } from '../../src/workflows/connection-test/tested-step.ts'
import { type Installation, openInstallation } from '../support/chosen-shape.ts'
import { missing, wrong } from '../support/connection-failures.ts'
import {
  type Asked,
  type ConnectionLab,
  connectionRole,
  connectionTarget,
  customerWorld,
  openConnectionLab,
  paste,
  prefix,
  without,
} from '../support/connection-lab.ts'
import {
  type ConsoleBrowser,
  type ConsolePage,
  expectAccessible,
  inBothColours,
  openConsoleBrowser,
} from '../support/console/console-browser.ts'
import { fillDestination } from '../support/console/destination-form.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { penstockJson, type RunningPenstock } from '../support/penstock-process.ts'
import { pipelinesClient } from '../support/pipelines-client.ts'
import { acme, exporter } from '../support/sandbox-world.ts'

interface Project {
  project_id: number
  token: string
  api_secret: string
}

let folder: string
let database: TestDatabase
let lab: ConnectionLab
let installation: Installation
let penstock: RunningPenstock
let project: Project
let browser: ConsoleBrowser | undefined
let opened: ConsolePage
let page: Page

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'penstock-console-connection-'))
  database = await createTestDatabase()
  lab = await openConnectionLab()
  installation = await openInstallation({
    AWS_ENDPOINT_URL: lab.url,
    AWS_ACCESS_KEY_ID: exporter.accessKeyId,
    AWS_SECRET_ACCESS_KEY: exporter.secretAccessKey,
    PENSTOCK_S3_PATH_STYLE: 'true',
    PENSTOCK_DATA_DIR: folder,
    PENSTOCK_DATABASE_URL: database.url,
    PENSTOCK_REFUSALS_MAX: '1',
  })
  project = await penstockJson<Project>(['project', 'create', '--name', 'shop'], installation.env)
  penstock = await installation.start()
  browser = await openConsoleBrowser()
  if (browser === undefined) throw new Error('no Chromium, and none could be installed')
  opened = await browser.open(penstock.url)
  page = opened.page
  await signIn()
})
afterAll(async () => {
  await browser?.close()
  await penstock?.kill('SIGTERM')
  await lab?.close()
  await installation?.close()
  await database?.drop()
  await rm(folder, { recursive: true, force: true })
})

async function signIn(): Promise<void> {
  await page.goto('/')
  await page.getByLabel('API secret', { exact: true }).fill(project.api_secret)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('link', { name: 'New pipeline' }).waitFor()
}

describe('the form of a new pipeline', () => {
  beforeAll(async () => {
    const { bucket, region, account } = acme
    const roleName = connectionRole.split('/').at(-1) ?? ''
    await fillDestination(page, { bucket, region, prefix, account, roleName })
  })
  beforeEach(() => lab.change(customerWorld(project.token)))

  test.each(missing)('$what: named, and what is copied is enough', async ({ spoil, asked, step, code }) => {
    const world = customerWorld(project.token)
    spoil(world)
    await lab.change(world)
    await testConnection(asked)
    const failed = await failedStep(step, code)

    paste(world, await shownRepair(failed))
    await lab.change(world)
    await page.getByRole('button', { name: 'Test again' }).click()
    await page.getByText('every step passed').waitFor()
  })

  const told = wrong.filter(([, , asked]) => asked.externalId === undefined)
  test.each(told)('%s: told with what to do', async (_, spoil, asked, step, code, found) => {
    const world = customerWorld(project.token)
    spoil(world)
    await lab.change(world)
    await testConnection(asked)
    expect(await (await failedStep(step, code)).textContent()).toMatch(found)
  })
})

test('a pipeline that its bucket refuses says why it is paused; mended, it is tested again and goes on', async () => {
  const world = customerWorld(project.token)
  without(world, 's3:PutObject')
  await lab.change(world)
  const name = await pipelinesClient(penstock.url, project.api_secret).create({
    type: 's3-raw',
    from_date: new Date(Date.now() - 40 * 86_400_000).toISOString().slice(0, 10),
    ...connectionTarget,
    skip_check: 'true',
  })
  await page.goto(`/console/projects/${project.project_id}/pipelines/${name}`)
  await page.getByText('paused after 1 refused run').waitFor()
  await page.getByRole('button', { name: 'Test again and resume' }).click()
  const failed = await failedStep('put', 'S3_PUT_DENIED')
  await page.evaluate('scrollTo(0, 0)')
  await inBothColours(page, 'refused')

  paste(world, await shownRepair(failed))
  await lab.change(world)
  await page.getByRole('button', { name: 'Test again and resume' }).click()
  await page.getByText(/^Yes$/).waitFor()
  await page.getByText('What keeps folders').waitFor({ state: 'detached' })
  await expectAccessible(page)
  expect(opened.faults).toEqual([])
})

async function testConnection({ encryption = 'none', kmsKeyId }: Asked = {}): Promise<void> {
  await page.getByLabel('Encryption').selectOption(encryption)
  if (encryption === 'kms') await page.getByLabel('KMS key').fill(kmsKeyId ?? '')
  await page.getByRole('button', { name: /^Test( again)?$/ }).click()
}

/** The step as the whole test has it, once it is over. */
async function failedStep(step: string, code: string) {
  await page.locator('.tested-steps[aria-busy="false"] > .failed').first().waitFor()
  const failed = page
    .locator('.tested-steps > .failed')
    .filter({ has: page.getByText(step, { exact: true }) })
  await failed.getByText(code, { exact: true }).waitFor()
  return failed
}

const policies: Record<string, Repair['policy']> = {
  'For a policy of the role': 'role',
  "For the role's trust policy": 'trust',
  'For the policy of the bucket': 'bucket',
  'For the policy of the key': 'key',
}

/** What is there to copy first, and where it says that it belongs. */
async function shownRepair(failed: Awaited<ReturnType<typeof failedStep>>): Promise<Repair> {
  const figure = failed.locator('figure').first()
  const title = (await figure.locator('figcaption > span').first().textContent()) ?? ''
  const policy = policies[title]
  if (policy === undefined) throw new Error(`nobody pastes ${title}`)
  return { policy, how: title, json: JSON.parse((await figure.locator('pre').textContent()) ?? '') }
}
