/** The steps of a connection test that work on objects: what an export does, once, with an object that means nothing. */

import { smallFile } from '../../data/deliver/small-file.ts'
import { PenstockError } from '../../errors/penstock-error.ts'
import { accountOf } from '../account-of.ts'
import { deleteLeftovers } from './delete-leftovers.ts'
import { findRepairs, type RepairContext } from './find-repairs.ts'
import type { ObjectTest } from './object-test.ts'
import { acceptedEncryptions } from './other-encryptions.ts'
import { newProbeContent, newProbeKey } from './probe-object.ts'
import { testKeyActions } from './test-key-actions.ts'
import type { StepName } from './tested-step.ts'

const probeBytesMax = 4096
/** Of its own: what has been written must go, however the test ends. */
const cleanUpMs = 30_000

/**
 * First of all something that is not there is deleted: who may not delete shall not write either, or the probe would
 * stay for ever.
 */
export async function testObjects(test: ObjectTest): Promise<void> {
  const { destination, folder, steps, attempt, signal } = test
  const key = newProbeKey(folder, test.clock.nowMs())
  const deleted = await attempt(() => destination.deleteObject(key, signal))
  if (deleted.error !== undefined) {
    fail(test, 'delete', deleted.error)
    steps.notTried(['put'], 'nothing is written as long as it could not be deleted again')
    await testReadOfNothing(test, key)
    return
  }
  steps.passed('delete', 'the role may delete objects')
  // Every request names the owner that it expects: one that is answered tells whose the bucket is.
  steps.passed('owner', ownerInWords(test.context))
  if (!steps.hasFailed('list')) await deleteLeftovers(test)
  const content = newProbeContent()
  // Also where the put failed: an earlier try of it may have been stored, and its answer lost.
  let mayBeThere = true
  try {
    const put = await attempt(() => destination.putFile(key, smallFile(key, content), signal))
    if (put.error !== undefined) {
      await failPut(test, put.error)
      await testReadOfNothing(test, key)
      return
    }
    steps.passed('put', `an object was written, ${encryptionInWords(test.context)}`)
    await testRead(test, key, content)
    await testListed(test, key)
    const gone = await attempt(() => destination.deleteObject(key, signal))
    mayBeThere = gone.error !== undefined
    if (gone.error !== undefined) fail(test, 'delete', gone.error)
  } finally {
    if (mayBeThere) await cleanUp(test, key)
  }
}

async function failPut(test: ObjectTest, error: PenstockError): Promise<void> {
  if (isOfKey(error)) {
    fail(test, 'key', error)
    test.steps.notTried(['put'], 'the key does not let the object be encrypted')
    return
  }
  const accepted = await acceptedEncryptions(test, error)
  fail(test, 'put', error, accepted)
}

async function testRead(test: ObjectTest, key: string, content: Buffer): Promise<void> {
  const { destination, steps, attempt, signal, context } = test
  const read = await attempt(() => destination.getObject(key, probeBytesMax, signal))
  if (read.error !== undefined) {
    const ofKey = isOfKey(read.error)
    fail(test, ofKey ? 'key' : 'read', read.error)
    if (ofKey) steps.notTried(['read'], 'the key does not let the object be decrypted')
    return
  }
  if (read.value === undefined || !content.equals(read.value)) {
    fail(test, 'read', readDiffers(context.bucket, key, read.value))
    return
  }
  steps.passed('read', 'what was written was read back, byte for byte')
  await testKeyActions(test)
}

/** Where nothing could be written: to who may read and list, S3 says that there is no such object. */
async function testReadOfNothing(
  { destination, steps, attempt, signal, ...test }: ObjectTest,
  key: string,
): Promise<void> {
  if (steps.hasFailed('list')) {
    steps.notTried(['read'], 'nothing was written that could be read')
    return
  }
  const read = await attempt(() => destination.getObject(key, probeBytesMax, signal))
  if (read.error === undefined)
    steps.notTried(['read'], 'nothing was written that could be read; the role may read')
  else fail({ destination, steps, attempt, signal, ...test }, 'read', read.error)
}

async function testListed(test: ObjectTest, key: string): Promise<void> {
  const { destination, folder, steps, attempt, signal, context } = test
  if (steps.hasFailed('list')) return
  const listed = await attempt(() => destination.listFolder(folder, signal))
  if (listed.error !== undefined) fail(test, 'list', listed.error)
  else if (!listed.value.some((object) => object.key === key))
    fail(test, 'list', notListed(context.bucket, key))
  else steps.passed('list', 'what was written is listed')
}

async function cleanUp({ destination, log, context }: ObjectTest, key: string): Promise<void> {
  try {
    await destination.deleteObject(key, AbortSignal.timeout(cleanUpMs))
  } catch (error) {
    // The next test of this destination finds it and deletes it.
    log.warn({ err: error, bucket: context.bucket, key }, 'a probe stays in the bucket for now')
  }
}

function fail({ steps, context }: ObjectTest, step: StepName, error: PenstockError, also = ''): void {
  const told =
    also === '' ? error : new PenstockError(error.kind, error.code, `${error.message} ${also}`, error)
  steps.failed(step, told, findRepairs(error, context))
}

function isOfKey({ code }: PenstockError): boolean {
  return code.startsWith('KMS_')
}

/** What is said of a bucket whose owner has answered. */
export function ownerInWords({ roleArn }: RepairContext): string {
  return `the bucket belongs to account ${accountOf(roleArn)}`
}

function encryptionInWords({ encryption, kmsKeyId }: RepairContext): string {
  if (encryption === 'none') return "by the bucket's default encryption"
  return encryption === 'aes'
    ? 'encrypted by AES256'
    : `encrypted by ${kmsKeyId ?? "the account's aws/s3 key"}`
}

function readDiffers(bucket: string, key: string, found: Uint8Array | undefined): PenstockError {
  const what = found === undefined ? 'no such object' : `${found.length} other bytes`
  return new PenstockError(
    'outside',
    'CONNECTION_TEST_READ_DIFFERS',
    `bucket ${bucket}: ${key} was written, and read back as ${what}. Look at what stands between Penstock and S3, and whether something changes or deletes new objects.`,
  )
}

function notListed(bucket: string, key: string): PenstockError {
  return new PenstockError(
    'outside',
    'CONNECTION_TEST_NOT_LISTED',
    `bucket ${bucket}: ${key} was written, and the listing does not have it. Look whether something deletes or renames new objects, or whether the endpoint's listings come late.`,
  )
}
