/** The committed client is the one that its generator makes of the committed OpenAPI document, and the document is valid. */
import { readFile } from 'node:fs/promises'
import { Validator } from '@seriousme/openapi-schema-validator'
import { expect, test } from 'vitest'
import { apiClientFile, apiDocumentFile, generateApiClient } from '../../scripts/api-client.ts'

test('the generated client is that of the document; npm run openapi writes it anew', async () => {
  expect(await readFile(apiClientFile, 'utf8')).toBe(await generateApiClient())
})

test('the document is valid OpenAPI 3.1, and none of its references leads nowhere', async () => {
  const validator = new Validator()
  const { valid, errors } = await validator.validate(apiDocumentFile)
  expect({ valid, errors }).toEqual({ valid: true, errors: undefined })
  expect(validator.version).toBe('3.1')
  expect(() => validator.resolveRefs()).not.toThrow()
})

test('the validator finds what is wrong', async () => {
  const document = JSON.parse(await readFile(apiDocumentFile, 'utf8'))
  delete document.paths['/api/2.0/export'].get.parameters[0].in
  expect((await new Validator().validate(document)).valid).toBe(false)
})
