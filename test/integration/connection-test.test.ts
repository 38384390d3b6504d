/** The connection test against a sandbox: what is missing is named, the pasted repair mends it, and nothing is left behind. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { ConnectionTest } from '../../src/workflows/connection-test/tested-step.ts'
import { missing, onKeyPolicy, withKey, wrong } from '../support/connection-failures.ts'
import {
  type Asked,
  type ConnectionLab,
  type CustomerWorld,
  customerWorld,
  foreignKeyArn,
  keyActions,
  openConnectionLab,
  paste,
  prefix,
  without,
} from '../support/connection-lab.ts'
import { acme } from '../support/sandbox-world.ts'

let lab: ConnectionLab
beforeAll(async () => {
  lab = await openConnectionLab()
})
afterAll(() => lab.close())
afterEach(async () => {
  await lab.control.clearFaults()
  await lab.change(customerWorld())
})

/** Whatever a test has forbidden its owner to see. */
async function leftInBucket(): Promise<string[]> {
  await lab.change(customerWorld())
  return (await lab.bucket.list()).map(({ key }) => key)
}

const failures = ({ steps }: ConnectionTest) => steps.filter(({ result }) => result === 'failed')

test('a destination that is set up as it should be passes every step, and nothing stays', async () => {
  const { ok, steps } = await lab.test(withKey)
  expect(steps.map(({ step, result }) => `${step} ${result}`)).toEqual([
    'own identity passed',
    'assume role passed',
    'trust passed',
    'region passed',
    'bucket passed',
    'owner passed',
    'put passed',
    'read passed',
    'list passed',
    'delete passed',
    'key passed',
  ])
  expect(ok).toBe(true)
  expect(await leftInBucket()).toEqual([])
})

describe('what is missing is named, and the pasted repair is enough', () => {
  test.each(missing)('$what', async ({ spoil, asked, step, code, policy, json }) => {
    const world = customerWorld()
    spoil(world)
    await lab.change(world)
    const refused = await lab.test(asked)
    expect(refused.ok).toBe(false)
    expect(failures(refused)).toMatchObject([{ step, code }])
    expect(await leftInBucket()).toEqual([])

    const [repair] = failures(refused)[0]?.repairs ?? []
    expect(repair).toMatchObject({ policy, json })
    if (repair === undefined) throw new Error('no repair')
    paste(world, repair)
    await lab.change(world)
    expect(failures(await lab.test(asked))).toEqual([])
    expect(await leftInBucket()).toEqual([])
  })
})

describe('a key action of the set-up that no export asks for is warned of by name, and the pasted repair is enough', () => {
  const others = keyActions.filter((action) => !['kms:GenerateDataKey', 'kms:Decrypt'].includes(action))
  const keyStep = ({ steps }: ConnectionTest) => steps.find(({ step }) => step === 'key')
  type Spoil = (world: CustomerWorld, action: string) => void
  const places: [where: string, policy: string, spoil: Spoil, kmsKeyId: string][] = [
    ["the role's policy", 'role', without, acme.kmsKey],
    [
      "the key's policy",
      'key',
      (world, action) => {
        world.key.policy = onKeyPolicy(...keyActions.filter((granted) => granted !== action))
      },
      acme.kmsKey,
    ],
    [
      "the policy of another account's key",
      'key',
      (world, action) => {
        world.foreignKey.policy = onKeyPolicy(...keyActions.filter((granted) => granted !== action))
      },
      foreignKeyArn,
    ],
  ]
  const cases = places.flatMap(([where, policy, spoil, kmsKeyId]) =>
    others.map((action) => ({ action, where, policy, spoil, kmsKeyId })),
  )
  test.each(cases)('$action in $where', async ({ action, policy, spoil, kmsKeyId }) => {
    const world = customerWorld()
    spoil(world, action)
    await lab.change(world)
    const asked: Asked = { encryption: 'kms', kmsKeyId }
    const warned = await lab.test(asked)
    expect(warned.ok).toBe(true)
    const step = keyStep(warned)
    expect(step).toMatchObject({ result: 'warned', code: 'KMS_GRANT_INCOMPLETE' })
    expect(step?.found.match(/kms:[A-Z]\w+/g)).toEqual([action])
    const [repair] = step?.repairs ?? []
    expect(repair).toMatchObject({ policy, json: { Effect: 'Allow', Action: action } })
    if (repair === undefined) throw new Error('no repair')
    paste(world, repair)
    await lab.change(world)
    expect(keyStep(await lab.test(asked))).toMatchObject({
      result: 'passed',
      found: 'the key encrypts and decrypts; the role may do the rest of the set-up',
    })
    expect(await leftInBucket()).toEqual([])
  })

  test('several at once: one statement has them all', async () => {
    const world = customerWorld()
    for (const action of ['kms:DescribeKey', 'kms:ReEncryptTo']) without(world, action)
    await lab.change(world)
    const step = keyStep(await lab.test(withKey))
    expect(step?.repairs).toMatchObject([
      { json: { Action: ['kms:DescribeKey', 'kms:ReEncryptTo'], Resource: acme.kmsKey } },
    ])
  })

  test('where KMS itself can not be asked, the test passes all the same, and says so', async () => {
    for (const action of ['DescribeKey', 'Encrypt', 'ReEncrypt']) {
      await lab.control.fault({ action, connection_reset: true })
      expect(keyStep(await lab.test(withKey))).toMatchObject({
        result: 'passed',
        found: 'the key encrypts and decrypts; KMS could not be asked about the rest of the set-up',
      })
      await lab.control.clearFaults()
    }
  })
})

test('what is missing beside one another is named at once', async () => {
  const world = customerWorld()
  for (const action of ['s3:GetObject', 's3:DeleteObject']) without(world, action)
  await lab.change(world)
  const refused = await lab.test()
  expect(failures(refused).map(({ code }) => code)).toEqual(['S3_GET_DENIED', 'S3_DELETE_DENIED'])
  expect(refused.steps.find(({ step }) => step === 'put')).toMatchObject({
    result: 'not tried',
    found: expect.stringContaining('could not be deleted again'),
  })
})

describe('a destination that is not as the pipeline says', () => {
  test.each(wrong)('%s', async (_, spoil, asked, step, code, found) => {
    const world = customerWorld()
    spoil(world)
    await lab.change(world)
    expect(failures(await lab.test(asked))).toMatchObject([
      { step, code, found: expect.stringMatching(found) },
    ])
  })
})

test('a server whose STS takes no session policies is told as that, and no session of it is used', async () => {
  for (const code of ['MalformedPolicyDocument', 'PackedPolicyTooLarge']) {
    const before = (await lab.control.requests()).length
    await lab.control.fault({ action: 'AssumeRole', status: 400, code })
    const refused = await lab.test()
    expect(failures(refused)).toMatchObject([
      {
        step: 'assume role',
        code: 'STS_SESSION_POLICY_REFUSED',
        found: expect.stringContaining('whose AssumeRole takes the parameter Policy'),
        repairs: [],
      },
    ])
    const asked = (await lab.control.requests()).slice(before)
    expect(new Set(asked.map(({ action }) => action))).toEqual(new Set(['GetCallerIdentity', 'AssumeRole']))
    expect(
      asked.filter(({ action, session_policy }) => action === 'AssumeRole' && session_policy === null),
    ).toEqual([])
    await lab.control.clearFaults()
  }
})

describe('a role that lets in others than who brings its external ID', () => {
  const openings: [string, object | undefined, string][] = [
    ['everybody', undefined, 'no external ID and with any external ID'],
    ['who brings any external ID', { StringLike: { 'sts:ExternalId': '*' } }, 'any external ID'],
    ['who brings none', { StringEqualsIfExists: { 'sts:ExternalId': acme.externalId } }, 'no external ID'],
  ]
  test.each(openings)('%s: reported with the condition to add, or refused', async (_, condition, how) => {
    const world = customerWorld()
    for (const statement of world.role.trust_policy.Statement) {
      delete statement.Condition
      if (condition !== undefined) Object.assign(statement, { Condition: condition })
    }
    await lab.change(world)
    const warned = await lab.test()
    expect(warned.ok).toBe(true)
    const trust = warned.steps.find(({ step }) => step === 'trust')
    const json = { StringEquals: { 'sts:ExternalId': acme.externalId } }
    expect(trust).toMatchObject({
      result: 'warned',
      code: 'STS_ROLE_OPEN',
      repairs: [{ policy: 'trust', json }],
    })
    expect(trust?.found).toContain(`lets Penstock in with ${how}:`)
    expect(failures(await lab.test({ trust: 'refuse' }))).toMatchObject([
      { step: 'trust', code: 'STS_ROLE_OPEN' },
    ])

    for (const statement of world.role.trust_policy.Statement) statement.Condition = json
    await lab.change(world)
    expect((await lab.test({ trust: 'refuse' })).steps.find(({ step }) => step === 'trust')?.result).toBe(
      'passed',
    )
  })
})

describe('nothing is left behind', () => {
  const folder = `${prefix}/42/_penstock_probe/`
  const probe = (agoMs: number) => `${folder}${Date.now() - agoMs}-0123456789abcdef`

  test('by a test that fails after it has written', async () => {
    await lab.control.fault({ action: 'GetObject', times: 10, status: 503, code: 'SlowDown' })
    const refused = await lab.test()
    expect(failures(refused)).toMatchObject([{ step: 'read', code: 'S3_THROTTLED' }])
    expect(refused.retryable).toBe(true)
    expect(await leftInBucket()).toEqual([])
  })

  test('by a write whose answer never came', async () => {
    await lab.control.fault({ action: 'PutObject', answer_lost: true })
    await lab.test()
    expect(await leftInBucket()).toEqual([])
  })

  test('by a test that died: the next one deletes what is an hour old, and nothing else', async () => {
    const [old, young] = [probe(2 * 3_600_000), probe(60_000)]
    for (const key of [old, young, `${folder}notes.txt`]) await lab.bucket.put(key, 'left')
    expect(failures(await lab.test())).toEqual([])
    expect(await leftInBucket()).toEqual([young, `${folder}notes.txt`])
    await lab.bucket.removeAll(folder)
  })
})
