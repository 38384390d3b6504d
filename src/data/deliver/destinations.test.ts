import { expect, test } from 'vitest'
import { acmeTarget } from '../../../test/support/delivery-sandbox.ts'
import { acme } from '../../../test/support/sandbox-world.ts'
import { silentLog } from '../../../test/support/silent-log.ts'
import { assumableRole } from './access.ts'
import { accessKey, createDestinations } from './destinations.ts'

const options = { pathStyle: false, allowPlainHttp: false, sessionSeconds: 3600, log: silentLog, env: {} }

test('a session is shared only where everything that AssumeRole is sent is the same', () => {
  const role = assumableRole(acmeTarget)
  const { roleArn, externalId, sessionName } = role
  const keys = [
    role,
    { ...role, externalId: 'f'.repeat(32) },
    { ...role, roleArn: `${roleArn}2` },
    { ...role, sessionName: `${sessionName}2` },
    { ...role, region: 'eu-west-1' },
    assumableRole({ ...acmeTarget, keyPrefix: 'acme/43/' }),
    assumableRole({ ...acmeTarget, bucket: 'acme-other' }),
    assumableRole({ ...acmeTarget, encryption: 'kms', kmsKeyId: acme.kmsKey }),
    // Neighbours whose joined texts would be the same.
    { ...role, roleArn: roleArn.slice(0, -1), externalId: roleArn.slice(-1) + externalId },
  ].map(accessKey)
  expect(new Set(keys).size).toBe(keys.length)
  expect(accessKey({ ...role })).toBe(keys[0])
})

test.each(['x', 'a b', 'ü1', '', 'x'.repeat(65)])(
  'the session name %j is refused before AWS sees it',
  (sessionName) => {
    expect(() => createDestinations(options).open({ ...acmeTarget, sessionName })).toThrow(
      expect.objectContaining({ kind: 'invariant', code: 'DESTINATION_SESSION_NAME_INVALID' }),
    )
  },
)

test('an endpoint without TLS is refused when destinations are made', () => {
  const env = { AWS_ENDPOINT_URL_S3: 'http://s3.example' }
  expect(() => createDestinations({ ...options, env })).toThrow(
    expect.objectContaining({ code: 'DESTINATION_ENDPOINT_NOT_TLS' }),
  )
  expect(() => createDestinations({ ...options, env, allowPlainHttp: true })).not.toThrow()
})
