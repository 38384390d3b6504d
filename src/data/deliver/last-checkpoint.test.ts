import { DeleteObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { expect, test } from 'vitest'
import { lastCheckpoint, lastPlace } from './last-checkpoint.ts'

/** A client whose requests go nowhere; `sent` counts what reached the network. */
function openClient() {
  const counts = { sent: 0 }
  const s3 = new S3Client({
    region: 'us-east-1',
    endpoint: 'http://127.0.0.1:1',
    maxAttempts: 1,
    credentials: { accessKeyId: 'AKIA', secretAccessKey: 'secret' },
    requestHandler: {
      handle: async () => {
        counts.sent += 1
        throw new Error('sent')
      },
    },
  })
  return { s3, counts }
}

test('a request whose right to be sent went while it was signed does not leave', async () => {
  const { s3, counts } = openClient()
  const command = new DeleteObjectCommand({ Bucket: 'acme', Key: 'complete' })
  let isHeld = true
  const checkpoint = () => {
    if (!isHeld) throw new Error('lost')
  }
  command.middlewareStack.add(lastCheckpoint(checkpoint), lastPlace)
  s3.middlewareStack.add(
    (next) => async (args) => {
      // Signing takes many turns of the event loop.
      isHeld = false
      return await next(args)
    },
    { step: 'finalizeRequest', name: 'signing' },
  )
  await expect(s3.send(command)).rejects.toThrow('lost')
  expect(counts.sent).toBe(0)
})

test('one whose right is held does', async () => {
  const { s3, counts } = openClient()
  const command = new DeleteObjectCommand({ Bucket: 'acme', Key: 'complete' })
  command.middlewareStack.add(
    lastCheckpoint(() => {}),
    lastPlace,
  )
  await expect(s3.send(command)).rejects.toThrow('sent')
  expect(counts.sent).toBe(1)
})
