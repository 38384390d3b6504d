import { expect, test } from 'vitest'
import { readEndpoints } from './endpoints.ts'

test('each service has its own endpoint, the common one, or none', () => {
  const common = { AWS_ENDPOINT_URL: 'https://all.example' }
  expect(readEndpoints({}, false)).toEqual({ s3: undefined, sts: undefined, kms: undefined })
  expect(readEndpoints(common, false)).toEqual({
    s3: 'https://all.example',
    sts: 'https://all.example',
    kms: 'https://all.example',
  })
  expect(readEndpoints({ ...common, AWS_ENDPOINT_URL_S3: 'https://s3.example' }, false)).toEqual({
    s3: 'https://s3.example',
    sts: 'https://all.example',
    kms: 'https://all.example',
  })
  const store = { AWS_ENDPOINT_URL_S3: 'https://s3.example', AWS_ENDPOINT_URL_STS: 'https://sts.example' }
  expect(readEndpoints(store, false).kms).toBeNull()
  const withKms = { ...store, AWS_ENDPOINT_URL_KMS: 'https://kms.example' }
  expect(readEndpoints(withKms, false).kms).toBe('https://kms.example')
  expect(readEndpoints({ ...common, AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true' }, false)).toEqual({
    s3: undefined,
    sts: undefined,
    kms: undefined,
  })
})

test.each([
  'http://127.0.0.1:9000',
  'http://127.8.9.1',
  'http://localhost:1',
  'http://[::1]:9000',
  'https://s3.example',
])('%s is taken', (url) => {
  expect(readEndpoints({ AWS_ENDPOINT_URL: url }, false).s3).toBe(url)
})

test.each([
  'http://s3.example',
  'http://10.0.0.1',
  'http://127.0.0.1.example',
  'http://localhost.example',
  'http://[::2]',
  'ftp://127.0.0.1',
  's3.example',
])('%s is refused, but for the flag', (url) => {
  expect(() => readEndpoints({ AWS_ENDPOINT_URL_STS: url }, false)).toThrow(
    expect.objectContaining({ code: 'DESTINATION_ENDPOINT_NOT_TLS', kind: 'caller' }),
  )
  expect(readEndpoints({ AWS_ENDPOINT_URL_STS: url }, true).sts).toBe(url)
})

test('a refusal does not repeat what an endpoint may hold besides its host', () => {
  expect(() => readEndpoints({ AWS_ENDPOINT_URL: 'http://me:pass@s3.example/?x' }, false)).toThrow(
    expect.objectContaining({ message: expect.not.stringContaining('pass') }),
  )
})
