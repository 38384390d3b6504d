import { describe, expect, test, vi } from 'vitest'
import { PenstockError } from '../errors/penstock-error.ts'
import { tryUntilItPasses } from './tries.ts'

const passing = new PenstockError('outside', 'S3_THROTTLED', 'slower', { retryable: true })
const refusal = new PenstockError('outside', 'S3_PUT_DENIED', 'no')

function tryOn(outcomes: unknown[], options: Partial<Parameters<typeof tryUntilItPasses>[0]> = {}) {
  const send = vi.fn(async () => {
    const outcome = outcomes.shift()
    if (outcome instanceof Error) throw outcome
    return outcome
  })
  const before = vi.fn(async () => {})
  const wait = vi.fn(async () => {})
  const ended = tryUntilItPasses({
    before,
    send,
    explain: () => undefined,
    signal: new AbortController().signal,
    wait,
    onRetry: () => {},
    ...options,
  })
  return { ended, send, before, wait }
}

describe('a request', () => {
  test('whose failures pass is tried until it works, with a wait and what goes before each try', async () => {
    const { ended, send, before, wait } = tryOn([passing, passing, 'done'])
    expect(await ended).toBe('done')
    expect([send, before, wait].map(({ mock }) => mock.calls.length)).toEqual([3, 3, 2])
  })

  test('that goes on failing surfaces after five tries', async () => {
    const { ended, send } = tryOn(Array(9).fill(passing))
    await expect(ended).rejects.toBe(passing)
    expect(send).toHaveBeenCalledTimes(5)
  })

  test('that is refused is not tried again', async () => {
    const { ended, send } = tryOn([refusal])
    await expect(ended).rejects.toBe(refusal)
    expect(send).toHaveBeenCalledTimes(1)
  })

  test('that fails by this program itself surfaces as it is', async () => {
    const own = new TypeError('undefined is not a function')
    await expect(tryOn([own]).ended).rejects.toBe(own)
  })

  test('is not tried where what goes before it fails, and that surfaces though it may pass', async () => {
    const { ended, send } = tryOn(['done'], { before: async () => Promise.reject(passing) })
    await expect(ended).rejects.toBe(passing)
    expect(send).not.toHaveBeenCalled()
  })

  test('that was aborted raises the reason, not what the abort broke', async () => {
    const abort = new AbortController()
    const { ended } = tryOn([], {
      signal: abort.signal,
      send: async () => {
        abort.abort(new Error('shutting down'))
        throw passing
      },
    })
    await expect(ended).rejects.toThrow('shutting down')
  })
})
