import { expect, test } from 'vitest'
import { bytesExpected, createByteGate } from './byte-gate.ts'

function pending() {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  return { work: () => promise, resolve, reject }
}

test('what does not fit beside the others is refused until one has gone', async () => {
  const gate = createByteGate(100)
  const first = pending()
  const entered = gate.pass(60, first.work)
  await expect(gate.pass(41, async () => 'in')).rejects.toMatchObject({ code: 'INGEST_OVERLOADED' })
  await expect(gate.pass(40, async () => 'in')).resolves.toBe('in')
  first.resolve()
  await entered
  await expect(gate.pass(100, async () => 'in')).resolves.toBe('in')
})

test('work that fails gives its bytes back', async () => {
  const gate = createByteGate(100)
  await expect(gate.pass(100, () => Promise.reject(new Error('x')))).rejects.toThrow('x')
  await expect(gate.pass(100, async () => 'in')).resolves.toBe('in')
})

test('a request larger than the gate passes when it is alone', async () => {
  await expect(createByteGate(1).pass(100, async () => 'in')).resolves.toBe('in')
})

test.each([
  ['1000', undefined, 1000],
  ['1000', 'gzip', 8000],
  ['5000000', 'gzip', 10_485_760],
  ['99999999999', undefined, 10_485_760],
  [undefined, undefined, 10_485_760],
  ['0', undefined, 0],
])('a body of %s bytes, encoding %s, may take %d', (length, encoding, bytes) => {
  expect(bytesExpected(length, encoding)).toBe(bytes)
})
