/**
 * The official browser SDK, unmodified, in a real Chromium, with each option that changes what goes over the wire: how a
 * record is written and sent, other hosts, headers of the page's own, everything that is captured by itself, recordings,
 * leave withdrawn and given, and what is sent again. All of it is delivered as it was sent.
 */
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startChromium } from '../support/chromium.ts'
import { type RecordingProxy, startRecordingProxy } from '../support/recording-proxy.ts'
import { type SdkPlace, startSdkPlace } from '../support/sdk-place.ts'
import { deliveredForm, eventsById, type SdkSite, sentRecords, startSdkSite } from '../support/sdk-site.ts'

const today = new Date().toISOString().slice(0, 10)

let browser: Browser | undefined
let place: SdkPlace
let proxy: RecordingProxy
let site: SdkSite
beforeAll(async () => {
  browser = await startChromium()
  if (browser === undefined) return
  place = await startSdkPlace(today)
  proxy = await startRecordingProxy(place.url, place.certificate)
  site = await startSdkSite()
}, 300_000)
afterAll(async () => {
  await browser?.close()
  site?.close()
  await proxy?.close()
  await place?.close()
})

const noChromium = 'there is no Chromium, and this user can install none'
const patience = { timeout: 30_000 }
const limit = { timeout: 120_000 }

// biome-ignore lint/suspicious/noExplicitAny: the page's own global
declare const window: any, localStorage: any

interface Visit {
  page: Page
  /** Requests of this visit to a path, but for preflights. */
  asked(path: string): RecordingProxy['passed']
  preflights(path: string): RecordingProxy['passed']
  /** Events of this name, of this visit, that were taken. */
  events(name: string): Record<string, unknown>[]
  close(): Promise<void>
}

/** A new visitor's page, with the SDK set up. */
async function visit(config: object): Promise<Visit> {
  const context = await (browser as Browser).newContext({ ignoreHTTPSErrors: true })
  const page = await context.newPage()
  const first = proxy.passed.length
  const passed = (path: string) => proxy.passed.slice(first).filter((one) => one.path.startsWith(path))
  await page.goto(site.url)
  await page.evaluate(({ token, options }) => window.mixpanel.init(token, options), {
    token: place.token,
    options: { api_host: proxy.url, persistence: 'localStorage', batch_flush_interval_ms: 200, ...config },
  })
  return {
    page,
    asked: (path) => passed(path).filter(({ method }) => method !== 'OPTIONS'),
    preflights: (path) => passed(path).filter(({ method }) => method === 'OPTIONS'),
    events: (name) =>
      sentRecords({ ...proxy, passed: passed('/track') }, '/track')
        .filter(({ event }) => event === name)
        .map(({ properties = {} }) => properties),
    close: () => context.close(),
  }
}

/** When this is answered, the look for what an earlier page left is over, and whatever is tracked next shares a batch. */
async function settle(page: Page, events: Visit['events']): Promise<void> {
  await page.evaluate(() => window.mixpanel.track('First of the tab', {}, { send_immediately: true }))
  await expect.poll(() => events('First of the tab'), patience).toHaveLength(1)
}

const single = { batch_requests: false }

/** The ways of sending: what the SDK is told, the method and the form of the request, and what a call's own callback gets. */
test.for<[way: string, config: object, method: string, form: RegExp, answer: unknown]>([
  ['one at a time', single, 'POST', /^data=eyJ/, 1],
  ['one at a time, as JSON', { ...single, api_payload_format: 'json' }, 'POST', /^data=%7B/, 1],
  ['batches, as JSON', { api_payload_format: 'json' }, 'POST', /^data=%5B/, 1],
  ['by GET', { ...single, api_method: 'GET' }, 'GET', /^$/, 1],
  ['by GET, as an image', { ...single, api_method: 'GET', img: true }, 'GET', /^$/, undefined],
  ['by beacon', { ...single, api_transport: 'sendBeacon' }, 'POST', /^data=eyJ/, 1],
  ['told more', { ...single, verbose: true }, 'POST', /^data=eyJ/, { status: 1, error: null }],
  ['as a test', { ...single, test: true }, 'POST', /^data=eyJ/, 1],
  ['without its address', { ...single, ip: false }, 'POST', /^data=eyJ/, 1],
  ['with more in the query', { ...single, api_extra_query_params: { shop: 'a&b' } }, 'POST', /^data=/, 1],
  ['in cookies', { ...single, persistence: 'cookie', cross_subdomain_cookie: false }, 'POST', /^data=/, 1],
  ['keeping nothing', { ...single, disable_persistence: true }, 'POST', /^data=eyJ/, 1],
])(
  '%s: taken, answered, profiles and groups as well',
  limit,
  async ([way, config, method, form, answer], { skip }) => {
    if (browser === undefined) return skip(noChromium)
    const { page, asked, events, close } = await visit(config)
    // An image has no callback, and a batch's call is told before it is sent.
    const told = await page.evaluate(
      ({ way, isTold }) =>
        new Promise((resolve) => {
          const { mixpanel } = window
          mixpanel.identify(`visitor, ${way}`)
          mixpanel.people.set({ way })
          mixpanel.get_group('way', way).set({ way })
          const properties = { way, text: '"ünï" ☃ 🙈 & + %' }
          mixpanel.track('Sent in a way', properties, isTold ? resolve : undefined)
          if (!isTold) resolve(undefined)
        }),
      { way, isTold: answer !== undefined },
    )
    expect(told).toEqual(answer)
    await expect
      .poll(() => events('Sent in a way'), patience)
      .toMatchObject([{ way, text: '"ünï" ☃ 🙈 & + %' }])
    for (const path of ['/track', '/engage', '/groups']) {
      await expect
        .poll(() => new Set(asked(path).map((one) => `${one.method} ${one.status}`)), patience)
        .toEqual(new Set([`${method} 200`]))
    }
    for (const { body } of asked('/track')) expect(body).toMatch(form)
    await close()
    const profiles = (await place.profiles()) as { $distinct_id: string; $properties: object }[]
    expect(profiles.find((profile) => profile.$distinct_id === `visitor, ${way}`)).toMatchObject({
      $properties: { way },
    })
  },
)

test(
  'hosts of their own for events and profiles, and headers of the page, which the browser asks leave for',
  limit,
  async ({ skip }) => {
    if (browser === undefined) return skip(noChromium)
    const { page, asked, preflights, close } = await visit({
      ...single,
      api_host: 'https://127.0.0.1:1',
      api_hosts: { events: proxy.url, people: proxy.url },
      xhr_headers: { 'X-Shop': 'a', 'X-Visit': 'b' },
    })
    await page.evaluate(() => {
      window.mixpanel.identify('with headers')
      window.mixpanel.people.set({ headers: 2 })
      window.mixpanel.track('With headers')
    })
    for (const path of ['/track/', '/engage/']) {
      await expect
        .poll(() => new Set(asked(path).map(({ status }) => status)), patience)
        .toEqual(new Set([200]))
      expect(new Set(preflights(path).map(({ status }) => status))).toEqual(new Set([204]))
    }
    await close()
  },
)

test('all that is captured by itself', limit, async ({ skip }) => {
  if (browser === undefined) return skip(noChromium)
  const { page, asked, events, close } = await visit({
    autocapture: { pageview: 'full-url', page_leave: true, capture_text_content: true },
  })
  await page.fill('#query', 'shoes')
  await page.click('#find')
  for (let count = 0; count < 5; count++) await page.click('#buy')
  // Before anything moves: then a click was not dead.
  await expect.poll(() => events('$mp_dead_click').length, patience).toBeGreaterThan(0)
  await page.evaluate(() => window.history.pushState({}, '', '/other?page=2#top'))
  await page.mouse.wheel(0, 6000)
  const names = [
    'web_page_view',
    'input_change',
    'submit',
    'click',
    'rage_click',
    'dead_click',
    'scroll',
    'page_leave',
  ]
  for (const name of names) {
    const event = `$mp_${name}`
    await expect.poll(() => events(event).length, { ...patience, message: event }).toBeGreaterThan(0)
    expect(events(event)[0]).toMatchObject({ token: place.token })
  }
  // The second in a batch of its own.
  const viewed = () => events('$mp_web_page_view').map((view) => String(view.current_url_path))
  await expect.poll(viewed, patience).toEqual(['/', '/other'])
  expect(new Set(asked('/track').map(({ status }) => status))).toEqual(new Set([200]))
  await close()
})

test('a recording of the session is answered, and its events bear its id', limit, async ({ skip }) => {
  if (browser === undefined) return skip(noChromium)
  const { page, asked, preflights, events, close } = await visit({
    record_sessions_percent: 100,
    recorder_src: `${site.url}/recorder.js`,
  })
  await expect
    .poll(
      () => page.evaluate(() => window.mixpanel.get_session_recording_properties().$mp_replay_id),
      patience,
    )
    .toBeTruthy()
  await page.fill('#query', 'boots')
  await page.evaluate(() => window.mixpanel.track('While recorded'))
  await expect.poll(() => asked('/record').map(({ status }) => status), patience).toContain(200)
  await expect.poll(() => events('While recorded'), patience).toHaveLength(1)
  expect(events('While recorded')[0]).toHaveProperty('$mp_replay_id')
  expect(preflights('/record').map(({ status }) => status)).toContain(204)
  await close()
})

test('a visitor who withdraws leave sends nothing; one who gives it again does', limit, async ({ skip }) => {
  if (browser === undefined) return skip(noChromium)
  const { page, events, close } = await visit({})
  await page.evaluate(() => {
    window.mixpanel.opt_out_tracking()
    window.mixpanel.track('Without leave')
    window.mixpanel.opt_in_tracking()
    window.mixpanel.track('With leave')
  })
  await expect.poll(() => events('With leave'), patience).toHaveLength(1)
  await expect.poll(() => events('$opt_in'), patience).toHaveLength(1)
  expect(events('Without leave')).toEqual([])
  await close()
})

test.for([429, 500, 502, 503])(
  'a batch that is answered %i is sent again',
  limit,
  async (status, { skip }) => {
    if (browser === undefined) return skip(noChromium)
    const { page, asked, events, close } = await visit({})
    proxy.refuse('/track/', 2, status)
    await page.evaluate((status) => window.mixpanel.track('Sent again', { status }), status)
    await expect.poll(() => events('Sent again'), patience).toMatchObject([{ status }])
    expect(asked('/track').map((one) => one.status)).toEqual([status, status, 200])
    await close()
  },
)

test('a batch that is answered 413 comes in smaller ones', limit, async ({ skip }) => {
  if (browser === undefined) return skip(noChromium)
  // Long enough for them to share a batch; each is one to two thousand bytes.
  const { page, asked, events, close } = await visit({ batch_flush_interval_ms: 2000 })
  proxy.refuse('/track/', 100, 413, 4000)
  await page.evaluate(() => {
    for (let index = 0; index < 20; index++) window.mixpanel.track('In smaller ones', { index })
  })
  await expect.poll(() => events('In smaller ones').length, patience).toBe(20)
  expect(asked('/track').map(({ status }) => status)).toEqual(expect.arrayContaining([413, 200, 200]))
  proxy.refuse('/track/', 0)
  await close()
})

test('what is tracked without a network goes when there is one', limit, async ({ skip }) => {
  if (browser === undefined) return skip(noChromium)
  const { page, events, close } = await visit({})
  await page.context().setOffline(true)
  await page.evaluate(() => window.mixpanel.track('Without a network'))
  const failed = await page.waitForEvent('requestfailed', patience)
  expect(failed.url()).toContain('/track/')
  await page.context().setOffline(false)
  await expect.poll(() => events('Without a network'), patience).toHaveLength(1)
  await close()
})

test('what waits for a batch when the tab is closed goes by beacon', limit, async ({ skip }) => {
  if (browser === undefined) return skip(noChromium)
  const { page, events, close } = await visit({ batch_flush_interval_ms: 600_000 })
  await settle(page, events)
  await page.evaluate(() => {
    for (let index = 0; index < 3; index++) window.mixpanel.track('Left in the tab', { index })
  })
  const stored = () => page.evaluate(() => Object.values({ ...localStorage }).join())
  await expect.poll(stored, patience).toMatch(/(Left in the tab.*){3}/)
  expect(events('Left in the tab')).toEqual([])
  await page.close({ runBeforeUnload: true })
  await expect
    .poll(
      () =>
        events('Left in the tab')
          .map(({ index }) => Number(index))
          .sort(),
      patience,
    )
    .toEqual([0, 1, 2])
  await close()
})

test('all of it is in the bucket, as it was sent', { timeout: 120_000 }, async ({ skip }) => {
  if (browser === undefined) return skip(noChromium)
  await expect.poll(() => proxy.passed.filter(({ status }) => status === undefined), patience).toEqual([])
  const sent = eventsById(sentRecords(proxy, '/track'))
  const exported = await place.exportAll()
  expect(exported).toHaveLength(sent.size)
  for (const [id, event] of eventsById(exported)) {
    expect(deliveredForm(event)).toEqual(deliveredForm(sent.get(id) ?? {}))
  }
})
