/** The console in a real Chromium, as people use it; whatever breaks its policy or leaves its server is noticed. */
import { join } from 'node:path'
import axe from 'axe-core'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { expect } from 'vitest'
import { startChromium } from '../chromium.ts'

const images = join(import.meta.dirname, '../../../docs/images')

export interface ConsolePage {
  page: Page
  /** What a well-behaved page has none of: errors of scripts, breaches of its policy, requests to other servers. */
  faults: string[]
  close(): Promise<void>
}

export interface ConsoleBrowser {
  /** @param url of the server whose page it is */
  open(url: string, options?: BrowserContextOptions): Promise<ConsolePage>
  close(): Promise<void>
}

/** Undefined where there is no Chromium. */
export async function openConsoleBrowser(): Promise<ConsoleBrowser | undefined> {
  const browser = await startChromium()
  if (browser === undefined) return undefined
  return { open: (url, options) => openPage(browser, url, options), close: () => browser.close() }
}

const wide = { width: 1280, height: 860 }

async function openPage(
  browser: Browser,
  url: string,
  options?: BrowserContextOptions,
): Promise<ConsolePage> {
  const context = await browser.newContext({
    baseURL: url,
    viewport: wide,
    reducedMotion: 'reduce',
    ...options,
  })
  const page = await context.newPage()
  const faults: string[] = []
  page.on('pageerror', (error) => faults.push(`error: ${error.message}`))
  page.on('console', (message) => {
    // An answer that is no success is a line of the console too; those are the tests' own business.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) {
      faults.push(message.text())
    }
  })
  page.on('request', (request) => {
    const { origin, protocol } = new URL(request.url())
    if (origin !== new URL(url).origin && protocol.startsWith('http'))
      faults.push(`request to ${request.url()}`)
  })
  return { page, faults, close: () => context.close() }
}

interface AxeViolation {
  id: string
  nodes: { target: string[] }[]
}

/** Rows of hours are alike: the first few stand for all, of which there are too many to look at each for its colours. */
const alike = '.hours tbody tr:nth-child(n + 5)'

/** Every rule of axe-core holds, and nothing is wider than the window. */
export async function expectAccessible(page: Page): Promise<void> {
  await page.evaluate(axe.source)
  const violations = await page.evaluate(async (exclude) => {
    // biome-ignore lint/suspicious/noExplicitAny: axe is a global of the page
    const result: { violations: AxeViolation[] } = await (globalThis as any).axe.run({ exclude: [exclude] })
    return result.violations.map(({ id, nodes }) => [id, ...nodes.map(({ target }) => target.join(' '))])
  }, alike)
  expect(violations).toEqual([])
  expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true)
}

/** Looks at the page in light and dark; with PENSTOCK_SCREENSHOTS=true keeps both in docs/images. */
export async function inBothColours(page: Page, name: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await expectAccessible(page)
    if (process.env.PENSTOCK_SCREENSHOTS !== 'true') continue
    await page.screenshot({ path: join(images, `console-${name}-${colorScheme}.png`) })
  }
}
