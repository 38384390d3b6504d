import { expect, test } from 'vitest'
import { confirmsEncryption, encryptionRequest } from './encryption.ts'

const id = '11111111-2222-3333-4444-555555555555'
const arn = `arn:aws:kms:us-west-2:222222222222:key/${id}`
const otherArn = arn.replace('key/1', 'key/9')

test.each([
  ['none', null, {}],
  ['aes', null, { ServerSideEncryption: 'AES256' }],
  ['kms', null, { ServerSideEncryption: 'aws:kms', BucketKeyEnabled: true }],
  ['kms', arn, { ServerSideEncryption: 'aws:kms', BucketKeyEnabled: true, SSEKMSKeyId: arn }],
] as const)('%s with key %s asks for %o', (encryption, kmsKeyId, request) => {
  expect(encryptionRequest({ encryption, kmsKeyId })).toEqual(request)
})

test.each([
  ['none', null, undefined, undefined, true],
  ['none', null, 'AES256', undefined, true],
  ['aes', null, 'AES256', undefined, true],
  ['aes', null, undefined, undefined, false],
  ['aes', null, 'aws:kms', arn, false],
  ['kms', null, 'aws:kms', arn, true],
  ['kms', null, 'aws:kms', undefined, false],
  ['kms', null, 'AES256', undefined, false],
  ['kms', arn, 'aws:kms', arn, true],
  ['kms', arn, 'aws:kms', otherArn, false],
  ['kms', arn, 'aws:kms', undefined, false],
  ['kms', arn, undefined, undefined, false],
  ['kms', id, 'aws:kms', arn, true],
  ['kms', id, 'aws:kms', id, true],
  ['kms', id, 'aws:kms', otherArn, false],
  ['kms', id.slice(4), 'aws:kms', arn, false],
  ['kms', 'alias/events', 'aws:kms', arn, true],
  ['kms', 'arn:aws:kms:us-west-2:222222222222:alias/events', 'aws:kms', otherArn, true],
  ['kms', 'alias/events', 'aws:kms', undefined, false],
] as const)(
  '%s with key %s, answered by %s with key %s: confirmed %s',
  (encryption, kmsKeyId, ServerSideEncryption, SSEKMSKeyId, isConfirmed) => {
    const answer = {
      ...(ServerSideEncryption && { ServerSideEncryption }),
      ...(SSEKMSKeyId && { SSEKMSKeyId }),
    }
    expect(confirmsEncryption({ encryption, kmsKeyId }, answer)).toBe(isConfirmed)
  },
)
