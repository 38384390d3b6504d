/**
 * The official browser SDK, unmodified, in a real Chromium, from a page of another origin, through a reverse proxy: its
 * batches, its retries, its beacon when the page goes, automatic and session events, profiles, flags and settings. What it
 * sent is in the customer's bucket, property by property.
 */
import { setTimeout as sleep } from 'node:timers/promises'
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

/** The records in the requests to a path that were taken. */
const sentTo = (path: string) => sentRecords(proxy, path)

// biome-ignore lint/suspicious/noExplicitAny: the page's own global
declare const window: any, localStorage: any

/** In the page: as each page of a site does it. */
function initSdk({ token, host }: { token: string; host: string }): void {
  window.mixpanel.init(token, {
    api_host: host,
    persistence: 'localStorage',
    batch_flush_interval_ms: 300,
    track_pageview: true,
    autocapture: { pageview: 'full-url', click: true, scroll: false },
    flags: true,
    remote_settings_mode: 'fallback',
  })
}

/** In the page: everything a site does with the SDK. */
async function useSdk(page: Page): Promise<void> {
  await page.evaluate(initSdk, { token: place.token, host: proxy.url })
  await page.evaluate(() => {
    const { mixpanel } = window
    mixpanel.register({ plan: 'team', nested: { list: [1, 'ünï', null] } })
    mixpanel.identify('ann')
    mixpanel.track('Browser tracked', { amount: 12.5, text: '"quoted" \\ ☃ 🙈' })
    mixpanel.time_event('Browser timed')
    mixpanel.track('Browser timed')
    for (let index = 0; index < 60; index++) mixpanel.track('Browser batched', { index })
    mixpanel.alias('ann@example.com', 'ann')
    mixpanel.set_group('company', 'acme')
    mixpanel.people.set({ plan: 'team' })
    mixpanel.people.increment('visits', 2)
    mixpanel.people.append('pages', 'home')
    mixpanel.people.union('tags', ['a', 'b'])
    mixpanel.get_group('company', 'acme').set({ seats: 5 })
  })
}

/** Events that wait for a batch which is far away, and one by beacon. */
async function leaveUnsent(page: Page): Promise<void> {
  await page.evaluate(() => window.mixpanel.set_config({ batch_flush_interval_ms: 600_000 }))
  // The batch that was planned before that.
  await sleep(1000)
  await page.evaluate(() => {
    for (let index = 0; index < 3; index++) window.mixpanel.track('Browser left unsent', { index })
  })
  const stored = () =>
    page.evaluate(() =>
      Object.entries({ ...localStorage })
        .filter(([key]) => key.endsWith('_ev'))
        .join(),
    )
  await expect.poll(stored).toMatch(/(Browser left unsent.*){3}/)
  await page.evaluate(() => window.mixpanel.track('Browser leaving', {}, { transport: 'sendBeacon' }))
}

test('what a page sends is taken, also when it has to be sent again and when the page goes, and is delivered as it was sent', {
  timeout: 180_000,
}, async ({ skip }) => {
  if (browser === undefined) return skip('there is no Chromium, and this user can install none')
  const context = await browser.newContext({ ignoreHTTPSErrors: true })
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('console', (message) => {
    // The one that is provoked, and a time limit of half a second on the SDK's own settings.
    const isExpected = /503|remote settings AbortError/.test(message.text())
    if (message.type() === 'error' && !isExpected) complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(String(error)))
  await page.goto(site.url)
  proxy.refuse('/track/', 1)
  await useSdk(page)
  await page.click('#buy')
  await expect.poll(() => sentTo('/track').length, { timeout: 60_000 }).toBeGreaterThan(60)
  await expect.poll(() => sentTo('/engage').length, { timeout: 60_000 }).toBeGreaterThan(3)
  await expect.poll(() => sentTo('/groups').length, { timeout: 60_000 }).toBeGreaterThan(0)
  await leaveUnsent(page)
  // What the page had not sent goes with a beacon, and, as nobody answers those, once more from the site's next page.
  await page.goto(`${site.url}/next`)
  await page.evaluate(initSdk, { token: place.token, host: proxy.url })
  const left = () => sentTo('/track').filter(({ event }) => event === 'Browser left unsent').length
  await expect.poll(left, { timeout: 60_000 }).toBeGreaterThanOrEqual(3)
  await page.goto('about:blank')
  await expect.poll(() => proxy.passed.filter(({ status }) => status === undefined)).toEqual([])
  await context.close()

  expect(complaints).toEqual([])
  const statuses = new Set(proxy.passed.map(({ path, status }) => `${path.split('?')[0]} ${status}`))
  expect([...statuses].sort()).toEqual(
    expect.arrayContaining([
      '/engage/ 200',
      '/flags/ 200',
      '/groups/ 200',
      '/settings/ 200',
      '/track/ 200',
      '/track/ 503',
    ]),
  )
  expect(proxy.passed.filter(({ status }) => status !== 200 && status !== 204 && status !== 503)).toEqual([])

  const exported = await place.exportAll()
  const sent = eventsById(sentTo('/track'))
  const names = new Set([...sent.values()].map(({ event }) => event))
  for (const name of [
    'Browser tracked',
    'Browser timed',
    'Browser leaving',
    '$mp_web_page_view',
    '$mp_click',
  ]) {
    expect(names).toContain(name)
  }
  expect(exported).toHaveLength(sent.size)
  for (const [id, event] of eventsById(exported)) {
    expect(deliveredForm(event)).toEqual(deliveredForm(sent.get(id) ?? {}))
  }
  expect(await place.profiles()).toMatchObject([
    { $distinct_id: 'ann', $properties: { plan: 'team', visits: 2, pages: ['home'], tags: ['a', 'b'] } },
  ])
  expect(await place.profiles('company')).toMatchObject([{ $group_id: 'acme', $properties: { seats: 5 } }])
})
