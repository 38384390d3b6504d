import { expect, test } from 'vitest'
import { PenstockError } from '../errors/penstock-error.ts'
import { createLogger } from './logger.ts'

function logged(thrown: unknown): string {
  let line = ''
  createLogger('info', { write: (text) => (line += text) }).error({ err: thrown }, 'failed')
  return line
}

const cause = new TypeError('a socket broke')

test('an error is logged with its type, words, stack, code and what caused it', () => {
  const { err } = JSON.parse(logged(new PenstockError('invariant', 'RUN_FAILED', 'met an error', { cause })))
  expect(err).toMatchObject({
    type: 'PenstockError',
    code: 'RUN_FAILED',
    kind: 'invariant',
    retryable: false,
  })
  expect(err.message).toBe('met an error: a socket broke')
  expect(err.stack).toContain('caused by: TypeError: a socket broke')
})

test.each(['outside', 'caller'] as const)('what is explained as the doing of the %s has no stack', (kind) => {
  const { err } = JSON.parse(logged(new PenstockError(kind, 'S3_THROTTLED', 'S3 is busy', { cause })))
  expect(err).toEqual({
    ...{ type: 'PenstockError', name: 'PenstockError', message: 'S3 is busy: a socket broke' },
    ...{ kind, code: 'S3_THROTTLED', retryable: false },
  })
})

test('what a library hangs on it is not: neither there nor on one of several, nor on its cause', () => {
  const attached = () => {
    const client = { secretKey: 'planted', connection: { user: 'planted' } }
    const error = Object.assign(new Error('terminated'), { client, $response: client, code: 'ECONNRESET' })
    return Object.assign(error, {
      answer: () => 'planted',
      reason: Object.assign(new Error('why'), { client }),
    })
  }
  const all = new AggregateError([attached(), attached()], 'several', { cause: attached() })
  const line = logged(all)
  expect(line).not.toContain('planted')
  expect(JSON.parse(line).err.aggregateErrors).toMatchObject([
    { code: 'ECONNRESET' },
    { message: 'terminated' },
  ])
})

test('whatever else is thrown is told in words', () => {
  expect(JSON.parse(logged('a string')).err).toBe('a string')
  expect(JSON.parse(logged(undefined)).msg).toBe('failed')
})
