/** The form of a new pipeline, as somebody fills in where its files go. */
import type { Page } from 'playwright-core'

export interface DestinationFields {
  bucket: string
  region: string
  prefix: string
  /** The account's number. */
  account: string
  roleName: string
}

/** From any page that shows the link to the form. */
export async function fillDestination(page: Page, fields: DestinationFields): Promise<void> {
  await page.getByRole('link', { name: 'New pipeline' }).click()
  await page.getByLabel('Bucket', { exact: true }).fill(fields.bucket)
  await page.getByLabel('Region').fill(fields.region)
  await page.getByLabel('Key prefix').fill(fields.prefix)
  await page.getByLabel('AWS account of the bucket').fill(fields.account)
  await page.getByLabel('Name of the role').fill(fields.roleName)
}
