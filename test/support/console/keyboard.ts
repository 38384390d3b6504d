/** The way through a page by the keyboard alone. */
import type { Locator } from 'playwright-core'
import { expect } from 'vitest'

/** More stops than a page has on the way. */
const stopsMax = 60

export async function isFocused(target: Locator): Promise<boolean> {
  return (await target.and(target.page().locator(':focus')).count()) === 1
}

/** Goes on by the tab key until it is there, and can be seen to be. */
export async function tabTo(target: Locator): Promise<void> {
  const page = target.page()
  await target.waitFor()
  for (let stops = 0; !(await isFocused(target)); stops++) {
    if (stops === stopsMax) throw new Error(`the tab key does not lead to ${target}`)
    await page.keyboard.press('Tab')
  }
  const outline = await page.evaluate('getComputedStyle(document.activeElement).outlineStyle')
  expect([String(target), outline]).toEqual([String(target), 'solid'])
}
