/**
 * What shows data, in each case that it can be in: nothing there, very much there, refused, and slow. The page and its headers
 * are the real ones; the answers are made up, as no test can wait until a project has 100,000 folders.
 */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import {
  type ConsoleBrowser,
  type ConsolePage,
  expectAccessible,
  inBothColours,
  openConsoleBrowser,
} from '../support/console/console-browser.ts'
import { answerCalls, type FakeCalls, type PageServer, servePage } from '../support/console/console-server.ts'
import { fakeFolders, fakeJobs, fakeManifest } from '../support/console/fake-answers.ts'

const base = '/console/projects/1'
const today = new Date().toISOString().slice(0, 10)
const refused = { status: 503, json: { error: 'the database is away; try again', status: 'error' } }
const never = { delayMs: Number.POSITIVE_INFINITY }

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
  const faults = opened?.faults ?? []
  await opened?.close()
  opened = undefined
  expect(faults).toEqual([])
})

async function openAt(path: string, calls: FakeCalls, options = {}): Promise<ConsolePage['page']> {
  if (browser === undefined) throw new Error('no Chromium, and none could be installed')
  opened = await browser.open(server.url, options)
  await answerCalls(opened.page, calls)
  await opened.page.goto(`${base}${path}`)
  return opened.page
}

const daily = (query: URLSearchParams) => ({
  json: fakeFolders({ frequency: 'daily', from: '2026-01-01', to: '2036-01-01', today }, query),
})
/** More than eleven years of hours: 100,000 folders. */
const hourly = (query: URLSearchParams) => ({
  json: fakeFolders(
    { frequency: 'hourly', from: '2015-06-01', to: '2036-01-01', today: '2026-11-20' },
    query,
  ),
})
const oneJob = () => ({ json: { 1: fakeJobs(1) } })
const onePipeline = { jobs: oneJob, folders: daily, status: () => ({ json: {} }), watch: () => never }

describe('the list of pipelines', () => {
  test('empty: says what to do', async () => {
    const page = await openAt('/pipelines', { jobs: () => ({ json: {} }) })
    await page.getByRole('link', { name: 'Make the first one' }).waitFor()
    await expectAccessible(page)
  })

  test('500 pipelines: those that want attention are first, and a filter finds one', async () => {
    const page = await openAt('/pipelines', { jobs: () => ({ json: { 1: fakeJobs(500) } }) })
    await page.getByText('500 pipelines').waitFor()
    expect(await page.locator('tbody tr').first().textContent()).toContain('folders failed')
    await page.getByLabel('Filter by name or state').fill('raw-499')
    await page.getByText('1 of 500 pipelines').waitFor()
    expect(await page.locator('tbody tr').count()).toBe(1)
    await expectAccessible(page)
  })

  test('refused: the cause, and a button that asks again', async () => {
    let away = true
    const page = await openAt('/pipelines', { jobs: () => (away ? refused : { json: { 1: fakeJobs(3) } }) })
    await page.getByRole('alert').getByText('the database is away').waitFor()
    await expectAccessible(page)
    away = false
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.getByText('3 pipelines').waitFor()
  })

  test('slow: says what it waits for', async () => {
    const page = await openAt('/pipelines', { jobs: () => never })
    await page.getByRole('status').getByText('Reading the pipelines').waitFor()
    await expectAccessible(page)
  })
})

describe('the calendar', () => {
  test('100,000 hourly folders: a month at a time, and all of it can be reached by keyboard', async () => {
    const page = await openAt('/pipelines/many', { ...onePipeline, folders: hourly })
    const cells = page.locator('[data-folder]')
    await cells.first().waitFor()
    expect(await cells.count()).toBeLessThanOrEqual(31 * 24)
    await page.getByRole('button', { name: /^2019-02/ }).click()
    await page.locator('[data-folder="2019-02-01T00"]').waitFor()
    await page.locator('[data-folder="2019-02-01T00"]').focus()
    await page.keyboard.press('ArrowLeft')
    await page.locator('[data-folder="2019-01-31T23"]:focus').waitFor()
    await page.evaluate('scrollTo(0, 0)')
    await inBothColours(page, 'hours')
  })

  test('nothing due yet: neither yes nor no', async () => {
    const folders = (query: URLSearchParams) => ({
      json: fakeFolders({ frequency: 'daily', from: today, to: '2036-01-01', today }, query),
    })
    const page = await openAt('/pipelines/new-one', { ...onePipeline, folders })
    await page.getByText('Nothing is due yet').waitFor()
    await expectAccessible(page)
  })

  test('refused and slow are told where the calendar would be', async () => {
    const page = await openAt('/pipelines/x', { ...onePipeline, folders: () => refused })
    await page.getByRole('alert').getByText('the database is away').waitFor()
    await opened?.close()
    const slow = await openAt('/pipelines/x', { ...onePipeline, folders: () => never })
    await slow.getByText('Reading the pipeline…').waitFor()
  })
})

describe('a folder', () => {
  const day = '2026-03-10'

  test('with 5,000 files shows a hundred at a time', async () => {
    const manifest = () => ({ json: fakeManifest(day, 5000) })
    const page = await openAt(`/pipelines/x?folder=${day}&part=files`, { ...onePipeline, manifest })
    await page.getByRole('button', { name: 'Show more of 5,000 files' }).click()
    await expect.poll(() => page.locator('.folder-panel tbody tr').count()).toBe(200)
    await expectAccessible(page)
  })

  test('without events says that nothing happened', async () => {
    const manifest = () => ({ json: fakeManifest(day, 0) })
    const page = await openAt(`/pipelines/x?folder=${day}&part=files`, { ...onePipeline, manifest })
    await page.getByText('nothing happened in this time').waitFor()
  })

  test('that is not finished says so, without an error', async () => {
    const page = await openAt(`/pipelines/x?folder=${day}`, onePipeline)
    await page.getByText('The folder is not finished').waitFor()
  })

  test('is left by Escape, and the focus goes back to its cell', async () => {
    const page = await openAt('/pipelines/x?month=2026-01', onePipeline)
    await page.locator(`[data-folder="${day}"]`).click()
    await page.getByRole('heading', { name: day }).waitFor()
    await page.keyboard.press('Escape')
    await page.locator(`[data-folder="${day}"]:focus`).waitFor()
  })
})

describe('events', () => {
  const hello = { project_id: 1, has_events: false, last_arrival_at: null }

  test('none yet: leads to the set-up of SDKs', async () => {
    const page = await openAt('/events', { live: () => ({ events: [['hello', hello]] }) })
    await page.getByRole('link', { name: 'Send the first one' }).waitFor()
    await page.getByText('Nothing was refused').waitFor()
    await expectAccessible(page)
  })

  test('very many: the newest hundred stay, and all are counted', async () => {
    const at = new Date().toISOString()
    const event = {
      event: 'Page view',
      properties: { time: 1_709_290_000, distinct_id: 'u', $insert_id: 'a' },
    }
    const arrivals = { at, events: 4000, sample: Array.from({ length: 20 }, () => event) }
    const many = Array.from({ length: 50 }, (): [string, unknown] => ['arrivals', arrivals])
    let asked = 0
    // A stream that ends is opened again: the next one brings nothing.
    const live = () => ({ events: asked++ === 0 ? [['hello', hello] as [string, unknown], ...many] : [] })
    const page = await openAt('/events', { live })
    await page.getByText('200,000 events').waitFor()
    expect(await page.locator('.event-list > li').count()).toBe(100)
    await expectAccessible(page)
  })

  test('refused: the search says why, and the page stays', async () => {
    const page = await openAt('/events/users?user=ann', { recent: () => refused })
    await page.getByRole('alert').getByText('the database is away').waitFor()
    await expectAccessible(page)
  })

  test('a schema of 2,000 names can be filtered', async () => {
    const events = Array.from({ length: 2000 }, (_, index) => ({
      event: `Event ${index}`,
      count: 2000 - index,
      days: [{ date: '2026-02-20', count: 2000 - index }],
      exact: true,
      sampled: 100,
      properties: [{ name: 'plan', types: { text: 90, null: 2 } }],
    }))
    const answer = {
      from_date: '2026-02-01',
      to_date: '2026-03-01',
      timezone: 'UTC',
      events,
      truncated: true,
    }
    const page = await openAt('/events/schema', { schema: () => ({ json: answer }) })
    await page.getByLabel('Filter by event or property').fill('event 1999')
    await page.getByText('1 event name,').waitFor()
    await page.locator('summary').click()
    await page.getByRole('cell', { name: 'text, null' }).waitFor()
    await expectAccessible(page)
  })
})

const phone = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true }

test('on a phone every page is as wide as its window', async () => {
  const live = () => ({
    events: [['hello', { project_id: 1, has_events: true, last_arrival_at: null }]] as [string, unknown][],
  })
  const calls = { ...onePipeline, live, estimate: () => refused }
  const page = await openAt('/pipelines', calls, phone)
  await page.getByText('1 pipeline').waitFor()
  await expectAccessible(page)
  for (const [path, text] of [
    ['/pipelines/x', 'Is everything there?'],
    ['/pipelines/new', 'Let Penstock in'],
    ['/events', 'Arriving'],
    ['/sdk', 'Snippets'],
  ] as const) {
    await page.goto(`${base}${path}`)
    await page
      .getByText(text)
      .or(page.getByRole('region', { name: text }))
      .first()
      .waitFor()
    await expectAccessible(page)
  }
})

test('the session is over: the page asks to sign in, and leads back', async () => {
  const page = await openAt('/events/users?user=ann', {
    session: () => ({ status: 401, json: { error: 'sign in', status: 'error' } }),
  })
  await page.getByRole('button', { name: 'Sign in' }).waitFor()
  expect(new URL(page.url()).searchParams.get('next')).toBe('/console/projects/1/events/users?user=ann')
  await expectAccessible(page)
})

describe('the set-up', () => {
  const nobody = { status: 401, json: { error: 'sign in', status: 'error' } }

  async function fillIn(page: ConsolePage['page']): Promise<void> {
    await page.getByLabel('Name of the project').fill('shop')
    await page.getByLabel('Set-up token').fill('0'.repeat(32))
    await page.getByRole('button', { name: 'Make the project' }).click()
  }

  test('on a phone, with a secret at the end that fits, too', async () => {
    const made = { project_id: 1, token: '0f'.repeat(16), api_secret: '3c'.repeat(16) }
    let isMade = false
    const installation = (_: URLSearchParams, method: string) => {
      isMade ||= method === 'POST'
      return method === 'POST' ? { json: made } : { json: { set_up: isMade } }
    }
    const page = await openAt('/pipelines', { session: () => nobody, installation }, phone)
    await page.getByRole('heading', { name: 'Set up Penstock' }).waitFor()
    await expectAccessible(page)
    await fillIn(page)
    await page.getByText('3c'.repeat(16)).waitFor()
    await expectAccessible(page)
  })

  test('that somebody else was quicker with says so, and leads to where one signs in', async () => {
    let isMade = false
    const installation = (_: URLSearchParams, method: string) => {
      isMade ||= method === 'POST'
      if (method === 'GET') return { json: { set_up: isMade } }
      return { status: 409, json: { error: 'there is a project already', status: 'error' } }
    }
    const page = await openAt('/pipelines', { session: () => nobody, installation })
    await fillIn(page)
    await page.getByRole('alert').getByText('there is a project already').waitFor()
    await expectAccessible(page)
    await page.getByRole('link', { name: 'Sign in' }).click()
    await page.getByLabel('API secret', { exact: true }).waitFor()
  })

  test('that is slow, or refused, says so where it would be', async () => {
    const slow = await openAt('/pipelines', { session: () => nobody, installation: () => never })
    await slow.getByText('Reading whether there is a project').waitFor()
    await opened?.close()
    // Whoever has a secret can sign in, whatever there is.
    let away = true
    const installation = () => (away ? refused : { json: { set_up: false } })
    const page = await openAt('/pipelines', { session: () => nobody, installation })
    await page.getByRole('button', { name: 'Sign in' }).waitFor()
    await page.goto('/console/setup')
    await page.getByRole('alert').getByText('the database is away').waitFor()
    away = false
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.getByRole('heading', { name: 'Set up Penstock' }).waitFor()
  })
})
