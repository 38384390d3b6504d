import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  bucketProblem,
  isRegion,
  kmsKeyProblem,
  knownRegions,
  partitionOf,
  roleProblem,
} from './aws-names.ts'

const key = '1234abcd-12ab-34cd-56ef-1234567890ab'
const multiRegionKey = `mrk-${'0123456789abcdef'.repeat(2)}`

test.each(['abc', 'a'.repeat(63), '0-9', 'my.bucket.name', 'logs-2024', '1.2.3', 'a-.b'])(
  '%s is a bucket',
  (bucket) => {
    expect(bucketProblem(bucket)).toBeUndefined()
  },
)

test.each([
  ['ab'],
  ['a'.repeat(64)],
  ['-abc'],
  ['abc-'],
  ['.abc'],
  ['abc.'],
  ['a_b'],
  ['ABC'],
  ['a..b'],
  ['10.0.0.1'],
  ['xn--abc'],
  ['sthree-abc'],
  ['amzn-s3-demo-bucket'],
  ['abc-s3alias'],
  ['abc--ol-s3'],
  ['abc.mrap'],
  ['abc--x-s3'],
  ['abc--table-s3'],
  ['bücket'],
  ['a b c'],
  ['abc\n'],
  [''],
])('%j is no bucket', (bucket) => {
  expect(bucketProblem(bucket)).toBeDefined()
})

test('every region of the reference is one, and later ones are too', () => {
  const later = [
    'af-south-1',
    'ap-southeast-7',
    'ca-west-1',
    'il-central-1',
    'mx-central-1',
    'us-gov-east-1',
    'eu-west-12',
  ]
  for (const region of [...knownRegions, ...later]) expect(isRegion(region)).toBe(true)
  for (const region of [
    'us-west',
    'us-west-0',
    'uswest-2',
    'us-wset-2',
    'us-west-2a',
    'EU-west-1',
    'us-iso-east-1',
    '',
  ]) {
    expect(isRegion(region)).toBe(false)
  }
})

test('a region says its partition', () => {
  expect(['us-east-1', 'cn-north-1', 'us-gov-west-1'].map(partitionOf)).toEqual([
    'aws',
    'aws-cn',
    'aws-us-gov',
  ])
})

test('roles have an account, a path or none, and a name', () => {
  const fine = [
    'arn:aws:iam::123456789012:role/export',
    'arn:aws-cn:iam::123456789012:role/a/b/export',
    'arn:aws-us-gov:iam::123456789012:role/service-role/Export_1+=,.@-x',
  ]
  for (const role of fine) expect(roleProblem(role)).toBeUndefined()
  const bad = [
    'export',
    'arn:aws:iam::123456789012:user/export',
    'arn:aws:iam::12345678901:role/export',
    'arn:aws:iam:us-east-1:123456789012:role/export',
    'arn:aws-iso:iam::123456789012:role/export',
    'arn:aws:iam::123456789012:role/',
    `arn:aws:iam::123456789012:role/${'n'.repeat(65)}`,
    'arn:aws:iam::123456789012:role/a b',
    'arn:aws:iam::123456789012:role/export\n',
    'arn:aws:iam::<account-id>:role/example-s3-role',
    `arn:aws:iam::123456789012:role/${'p/'.repeat(2000)}x`,
  ]
  for (const role of bad) expect(roleProblem(role)).toBeDefined()
})

test('a key is named by id, by ARN, or by the ARN of an alias, in the region of the bucket', () => {
  const arn = (rest: string, region = 'us-west-2') => `arn:aws:kms:${region}:123456789012:${rest}`
  const fine = [key, multiRegionKey, arn(`key/${key}`), arn(`key/${multiRegionKey}`), arn('alias/my/key-1_x')]
  for (const keyId of fine) expect(kmsKeyProblem(keyId, 'us-west-2')).toBeUndefined()
  const bad = [
    'alias/mine',
    `key/${key}`,
    key.slice(1),
    arn('key/x'),
    arn('alias/'),
    arn(`key/${key}`, 'eu-west-1'),
    '',
  ]
  for (const keyId of bad) expect(kmsKeyProblem(keyId, 'us-west-2')).toBeDefined()
})

test('no text, however long or odd, makes a check hang or throw', () => {
  const odd = fc.oneof(
    fc.string({ maxLength: 3000 }),
    fc.constantFrom('a/', '-', 'arn:aws:iam::123456789012:role/').map((text) => text.repeat(2000)),
  )
  fc.assert(
    fc.property(odd, (text) => {
      bucketProblem(text)
      isRegion(text)
      roleProblem(text)
      kmsKeyProblem(text, 'us-west-2')
    }),
  )
})
