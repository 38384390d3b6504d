/**
 * The pages as a screen reader has them: the tree of roles and names that Chromium tells it. Each page's outline (landmarks,
 * headings, regions, tables, what is announced) is what it is meant to be, every control has a name, and what changes as one
 * looks is told in a region that was there before: one that comes with its text is passed over.
 */
import type { Locator, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import {
  type ConsoleBrowser,
  type ConsolePage,
  openConsoleBrowser,
} from '../support/console/console-browser.ts'
import { answerCalls, type FakeCalls, type PageServer, servePage } from '../support/console/console-server.ts'
import { fakeFolders, fakeJobs, fakeManifest } from '../support/console/fake-answers.ts'

const base = '/console/projects/1'
const today = '2026-11-20'
const day = '2026-11-10'

let server: PageServer
let browser: ConsoleBrowser | undefined
let opened: ConsolePage | undefined

beforeAll(async () => {
  server = await servePage()
  browser = await openConsoleBrowser()
})
afterAll(async () => {
  await browser?.close()
  await server?.close()
})
afterEach(async () => {
  await opened?.close()
  opened = undefined
})

async function openAt(path: string, calls: FakeCalls): Promise<Page> {
  if (browser === undefined) throw new Error('no Chromium, and none could be installed')
  opened = await browser.open(server.url)
  await answerCalls(opened.page, calls)
  await opened.page.goto(path)
  return opened.page
}

const never = { delayMs: Number.POSITIVE_INFINITY }
const nobody = { status: 401, json: { error: 'sign in', status: 'error' } }
const event = {
  event: 'Signed up',
  properties: { time: 1_709_290_000, distinct_id: 'ann', $insert_id: 'a', plan: 'pro' },
}
const found = {
  events: [event],
  searched_from: '2026-11-01',
  events_searched: 40,
  complete: true,
  next_to_date: null,
}
const calls: FakeCalls = {
  jobs: () => ({ json: { 1: fakeJobs(3) } }),
  folders: (query) => ({
    json: fakeFolders({ frequency: 'daily', from: '2026-10-01', to: '2036-01-01', today }, query),
  }),
  status: () => ({ json: {} }),
  watch: () => never,
  manifest: () => ({ json: fakeManifest(day, 1) }),
  live: () => ({
    events: [
      ['hello', { project_id: 1, has_events: true, last_arrival_at: null }],
      ['arrivals', { at: '2026-11-20T12:00:00.000Z', events: 1, sample: [event] }],
    ],
  }),
  recent: () => ({ json: found }),
  schema: () => ({
    json: {
      from_date: '2026-10-22',
      to_date: today,
      timezone: 'UTC',
      events: [
        {
          event: 'Signed up',
          count: 120,
          days: [{ date: '2026-11-10', count: 120 }],
          exact: true,
          sampled: 100,
          properties: [{ name: 'plan', types: { text: 100 } }],
        },
      ],
      truncated: false,
    },
  }),
  estimate: () => never,
}

interface Spoken {
  role: string
  /** Empty: it has none. */
  name: string
  /** Of a heading. */
  level: string
}

async function treeOf(page: Page): Promise<Spoken[]> {
  const text = await page.locator('body').ariaSnapshot()
  return text.split('\n').flatMap((line) => {
    const [, role, name = ''] = /^\s*- '?(\w+)(?: "((?:[^"\\]|\\.)*)")?/.exec(line) ?? []
    const [level = ''] = /\[level=\d\]/.exec(line) ?? []
    return role === undefined ? [] : [{ role, name, level }]
  })
}

const parts = 'banner navigation main complementary heading region form dialog tablist table figure img'
const told = new Set([...parts.split(' '), 'status', 'alert', 'progressbar'])

/** What a reader of landmarks and headings goes by. */
async function outlineOf(page: Page): Promise<string> {
  const tree = await treeOf(page)
  return tree
    .filter(({ role }) => told.has(role))
    .map(({ role, name, level }) => [role, name && `"${name}"`, level].filter(Boolean).join(' '))
    .join('\n')
}

const controls = 'button link textbox searchbox combobox checkbox radio tab'
const named = new Set(
  `${controls} tabpanel figure navigation region progressbar img dialog complementary`.split(' '),
)

/** What would be read out as "button", and nothing more. */
async function namelessIn(page: Page): Promise<Spoken[]> {
  const tree = await treeOf(page)
  // Or there is nothing to be wrong.
  expect(tree.some(({ role, name }) => named.has(role) && name !== '')).toBe(true)
  return tree.filter(({ role, name }) => name === '' && named.has(role))
}

describe('the outline of', () => {
  test('where one signs in', async () => {
    const page = await openAt('/', { session: () => nobody })
    await page.getByRole('button', { name: 'Sign in' }).waitFor()
    expect(await namelessIn(page)).toEqual([])
    expect(await outlineOf(page)).toMatchInlineSnapshot(`
      "main
      heading "Penstock" [level=1]"
    `)
  })

  test('the set-up', async () => {
    const page = await openAt('/', {
      session: () => nobody,
      installation: () => ({ json: { set_up: false } }),
    })
    await page.getByRole('button', { name: 'Make the project' }).waitFor()
    expect(await namelessIn(page)).toEqual([])
    expect(await outlineOf(page)).toMatchInlineSnapshot(`
      "main
      heading "Set up Penstock" [level=1]"
    `)
  })

  test('the pipelines', async () => {
    const page = await openAt(`${base}/pipelines`, calls)
    await page.getByText('3 pipelines').waitFor()
    expect(await namelessIn(page)).toEqual([])
    expect(await outlineOf(page)).toMatchInlineSnapshot(`
      "banner
      navigation "Project"
      main
      heading "Pipelines" [level=1]
      region "Pipelines"
      status
      region "Table of pipelines"
      table"
    `)
  })

  test('a pipeline and its open folder', async () => {
    const page = await openAt(`${base}/pipelines/events-daily-s3-raw-1?folder=${day}`, calls)
    await page.getByRole('heading', { name: day }).waitFor()
    await page.locator('[data-folder]').first().waitFor()
    await page.getByText('48,210').waitFor()
    expect(await namelessIn(page)).toEqual([])
    expect(await outlineOf(page)).toMatchInlineSnapshot(`
      "banner
      navigation "Project"
      main
      heading "events-daily-s3-raw-1" [level=1]
      region "Is everything there?"
      heading "Is everything there?" [level=2]
      status
      region "Folders"
      heading "Folders" [level=2]
      table "October 2026"
      table "November 2026"
      complementary "2026-11-10"
      heading "2026-11-10" [level=2]
      tablist "Of the folder""
    `)
  })

  test('the form of a new pipeline', async () => {
    const page = await openAt(`${base}/pipelines/new`, calls)
    await page.getByText('Reading how much that is').waitFor()
    expect(await namelessIn(page)).toEqual([])
    expect(await outlineOf(page)).toMatchInlineSnapshot(`
      "banner
      navigation "Project"
      main
      heading "New pipeline" [level=1]
      region "Where to"
      heading "Where to" [level=2]
      region "Let Penstock in"
      heading "Let Penstock in" [level=2]
      region "Test the connection"
      heading "Test the connection" [level=2]
      status
      region "What to export"
      heading "What to export" [level=2]
      status
      region "Preview"
      region "Create it"
      heading "Create it" [level=2]"
    `)
  })

  test('live events', async () => {
    const page = await openAt(`${base}/events`, calls)
    await page.getByText('Signed up').first().waitFor()
    expect(await namelessIn(page)).toEqual([])
    expect(await outlineOf(page)).toMatchInlineSnapshot(`
      "banner
      navigation "Project"
      main
      heading "Events" [level=1]
      navigation "Events"
      region "Arriving"
      heading "Arriving" [level=2]
      status
      img "Events in each of the last seconds, at most 1"
      region "Refused"
      heading "Refused" [level=2]"
    `)
  })

  test('one user', async () => {
    const page = await openAt(`${base}/events/users?user=ann`, calls)
    await page.getByText('Signed up').first().waitFor()
    expect(await namelessIn(page)).toEqual([])
    expect(await outlineOf(page)).toMatchInlineSnapshot(`
      "banner
      navigation "Project"
      main
      heading "Events" [level=1]
      navigation "Events"
      region "Events of ann"
      heading "ann" [level=2]
      status"
    `)
  })

  test('the schema', async () => {
    const page = await openAt(`${base}/events/schema`, calls)
    await page.getByText('Signed up', { exact: true }).click()
    await page.getByRole('rowheader', { name: 'plan' }).waitFor()
    expect(await namelessIn(page)).toEqual([])
    expect(await outlineOf(page)).toMatchInlineSnapshot(`
      "banner
      navigation "Project"
      main
      heading "Events" [level=1]
      navigation "Events"
      region "Schema"
      status
      img "Signed up a day, 2026-10-22 to 2026-11-20"
      table"
    `)
  })

  test('the set-up of SDKs', async () => {
    const page = await openAt(`${base}/sdk`, calls)
    await page.getByText('Events are arriving here').waitFor()
    expect(await namelessIn(page)).toEqual([])
    expect(await outlineOf(page)).toMatchInlineSnapshot(`
      "banner
      navigation "Project"
      main
      heading "Set up SDKs" [level=1]
      region "First event"
      status
      region "Snippets"
      tablist "Languages"
      figure "curl"
      status"
    `)
  })
})

/** A region whose changes are read out: it must be there before it changes, and stay. */
async function liveRegion(region: Locator): Promise<{ text(): Promise<string> }> {
  const node = await region.elementHandle()
  const isLive = await node?.evaluate((element: unknown) =>
    (element as { matches(selector: string): boolean }).matches('output, [role=status], [aria-live=polite]'),
  )
  expect(isLive).toBe(true)
  return { text: async () => (await node?.textContent()) ?? 'gone' }
}

describe('it is read out', () => {
  test('that a text is copied', async () => {
    const page = await openAt(`${base}/sdk`, calls)
    const figure = page.getByRole('figure', { name: 'curl' })
    const region = await liveRegion(figure.getByRole('status'))
    expect(await region.text()).toBe('')
    await figure.getByRole('button', { name: 'Copy: curl' }).click()
    await expect
      .poll(() => region.text(), { timeout: 10_000 })
      .toMatch(/^Copied$|^Select and copy it by hand$/)
  })

  test('how many pipelines a filter leaves', async () => {
    const page = await openAt(`${base}/pipelines`, calls)
    const region = await liveRegion(page.getByRole('region', { name: 'Pipelines' }).getByRole('status'))
    await page.getByLabel('Filter by name or state').fill('raw-2')
    await expect.poll(() => region.text(), { timeout: 10_000 }).toBe('1 of 3 pipelines')
  })

  test('that late events came for a folder, and everything is there no more', async () => {
    let isLate = false
    const folders = (query: URLSearchParams) => {
      const states = isLate ? { [day]: 'late_pending' as const } : {}
      return {
        json: fakeFolders({ frequency: 'daily', from: '2026-10-01', to: '2036-01-01', today, states }, query),
      }
    }
    const late: [string, unknown] = ['late', { date: day }]
    const watch = () => ({ events: [late], delayMs: 500 })
    const page = await openAt(`${base}/pipelines/x`, { ...calls, folders, watch })
    await page.getByText(/^Yes$/).waitFor()
    const region = await liveRegion(
      page.getByRole('region', { name: 'Is everything there?' }).getByRole('status'),
    )
    expect(await region.text()).toBe('Yes')
    isLate = true
    await expect.poll(() => region.text(), { timeout: 10_000 }).toBe('Not yet')
  })

  test('how a connection test ends', async () => {
    const page = await openAt(`${base}/pipelines/new`, {
      ...calls,
      setup: () => never,
      test: () => ({ json: { result: { ok: true, steps: [] } } }),
    })
    await page.getByLabel('Bucket', { exact: true }).fill('acme-raw')
    await page.getByLabel('Region').fill('us-west-2')
    await page.getByLabel('AWS account of the bucket').fill('222222222222')
    const section = page.getByRole('region', { name: 'Test the connection' })
    const region = await liveRegion(section.getByRole('status').first())
    await section.getByRole('button', { name: 'Test', exact: true }).click()
    await expect.poll(() => region.text(), { timeout: 10_000 }).toContain('every step passed')
  })

  test('what verifying a folder finds', async () => {
    const verified = {
      ok: true,
      folder: 'raw/1/2026/11/10/full_day/',
      state: 'finished',
      files: 1,
      events: 400_000,
      differences: [],
      verified_at: '2026-11-20T12:00:00+01:00',
    }
    const verify = () => ({ json: verified })
    const page = await openAt(`${base}/pipelines/x?folder=${day}&part=verification`, { ...calls, verify })
    const region = await liveRegion(page.getByRole('tabpanel').locator('[aria-live]'))
    await page.getByRole('button', { name: 'Verify the folder' }).click()
    await expect.poll(() => region.text(), { timeout: 10_000 }).toContain('Verified')
  })
})
