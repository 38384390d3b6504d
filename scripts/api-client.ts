/** The TypeScript client of the API that the tests use, as a public generator makes it of the OpenAPI document. */
import { join } from 'node:path'
import { generateSource } from 'oazapfts'

export const apiDocumentFile = join(import.meta.dirname, '../docs/openapi.json')
export const apiClientFile = join(import.meta.dirname, '../test/support/api-client.ts')

// Its runtime's types are not written for exactOptionalPropertyTypes. Who imports it is checked all the same.
const unchecked = '// @ts-nocheck\n'

/** Of the committed document. */
export async function generateApiClient(): Promise<string> {
  return unchecked + (await generateSource(apiDocumentFile))
}
