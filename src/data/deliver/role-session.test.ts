import { setImmediate as tick } from 'node:timers/promises'
import { describe, expect, test, vi } from 'vitest'
import { createRoleSession, renewAtMs, type SessionCredentials } from './role-session.ts'

const signal = new AbortController().signal
const minute = 60_000

/** Sessions of a quarter of an hour by a clock that the test moves. */
function sessionOf(lifeMs = 15 * minute) {
  const clock = { ms: 0, nowMs: () => clock.ms }
  const assume = vi.fn(
    async (): Promise<SessionCredentials> => ({
      accessKeyId: `ASIA${assume.mock.calls.length}`,
      secretAccessKey: 's',
      sessionToken: 't',
      askedAtMs: clock.ms,
      endsAtMs: clock.ms + lifeMs,
    }),
  )
  const onRenewalFailed = vi.fn()
  const session = createRoleSession({ clock, assume, onRenewalFailed })
  const keyId = async () => (await session.credentials(signal)).accessKeyId
  return { clock, assume, session, keyId, onRenewalFailed }
}

test.each([
  [15, 11.25],
  [20, 15],
  [60, 55],
  [720, 715],
])('a session of %d minutes is renewed after %d', (lifeMinutes, renewMinutes) => {
  const times = { askedAtMs: 7, endsAtMs: 7 + lifeMinutes * minute }
  const credentials = { accessKeyId: '', secretAccessKey: '', sessionToken: '', ...times }
  expect(renewAtMs(credentials)).toBe(7 + renewMinutes * minute)
})

describe('a role session', () => {
  test('asks STS once, however many want it at once', async () => {
    const { keyId, assume } = sessionOf()
    expect(await Promise.all([keyId(), keyId(), keyId()])).toEqual(['ASIA1', 'ASIA1', 'ASIA1'])
    expect(assume).toHaveBeenCalledTimes(1)
  })

  test('is renewed while the old one still serves', async () => {
    const { keyId, clock, assume } = sessionOf()
    await keyId()
    clock.ms = 12 * minute
    expect(await Promise.all([keyId(), keyId()])).toEqual(['ASIA1', 'ASIA1'])
    expect(assume).toHaveBeenCalledTimes(2)
    await tick()
    expect(await keyId()).toBe('ASIA2')
  })

  test('that has ended is waited for', async () => {
    const { keyId, clock } = sessionOf()
    await keyId()
    clock.ms = 15 * minute
    expect(await keyId()).toBe('ASIA2')
  })

  test('whose renewal fails serves until its end, and the failure is told', async () => {
    const { keyId, clock, assume, onRenewalFailed } = sessionOf()
    await keyId()
    clock.ms = 12 * minute
    assume.mockRejectedValueOnce(new Error('throttled'))
    expect(await keyId()).toBe('ASIA1')
    await tick()
    expect(onRenewalFailed).toHaveBeenCalledWith(expect.objectContaining({ message: 'throttled' }))
    clock.ms = 15 * minute
    assume.mockRejectedValueOnce(new Error('denied'))
    await expect(keyId()).rejects.toThrow('denied')
    expect(await keyId()).toBe('ASIA4')
  })

  test('that was discarded is replaced; one that others have replaced already stays', async () => {
    const { session, keyId, assume } = sessionOf()
    const first = await session.credentials(signal)
    session.discard(first)
    expect(await keyId()).toBe('ASIA2')
    session.discard(first)
    expect(await keyId()).toBe('ASIA2')
    expect(assume).toHaveBeenCalledTimes(2)
  })

  test('lets a caller that aborts go, and goes on for the others', async () => {
    const { session, assume } = sessionOf()
    const { promise, resolve } = Promise.withResolvers<SessionCredentials>()
    assume.mockReturnValueOnce(promise)
    const abort = new AbortController()
    const impatient = session.credentials(abort.signal)
    const patient = session.credentials(signal)
    abort.abort(new Error('shutting down'))
    await expect(impatient).rejects.toThrow('shutting down')
    const credentials = {
      accessKeyId: 'A',
      secretAccessKey: 's',
      sessionToken: 't',
      askedAtMs: 0,
      endsAtMs: 1,
    }
    resolve(credentials)
    expect(await patient).toBe(credentials)
  })
})
