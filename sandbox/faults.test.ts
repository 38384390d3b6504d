import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { sandboxControl } from '../test/support/sandbox-control.ts'
import { acme, acmeOwner, sandboxWorld } from '../test/support/sandbox-world.ts'
import { type HandmadeRequest, sendSigned } from '../test/support/signed-request.ts'
import { type Sandbox, startSandbox } from './main.ts'
import type { RequestRecord } from './request-log.ts'

const body = 'x'.repeat(50_000)
let sandbox: Sandbox

beforeAll(async () => {
  sandbox = await startSandbox({ world: sandboxWorld() })
})
afterEach(async () => {
  expect((await fetch(`${sandbox.url}/_sandbox/faults`, { method: 'DELETE' })).status).toBe(204)
})
afterAll(() => sandbox.close())

const send = (request: HandmadeRequest) =>
  sendSigned(sandbox.url, request, { credentials: acmeOwner, region: acme.region })
const put = (key: string) => send({ method: 'PUT', path: `/${acme.bucket}/${key}`, body })
const get = (key: string) => send({ method: 'GET', path: `/${acme.bucket}/${key}` })

async function setFault(fault: unknown): Promise<{ status: number; text: string }> {
  const answer = await fetch(`${sandbox.url}/_sandbox/faults`, {
    method: 'POST',
    body: JSON.stringify(fault),
  })
  return { status: answer.status, text: await answer.text() }
}

async function lastRecord(): Promise<RequestRecord> {
  const lines = (await (await fetch(`${sandbox.url}/_sandbox/requests`)).text()).trimEnd().split('\n')
  return JSON.parse(lines.at(-1) ?? '') as RequestRecord
}

describe('a fault', () => {
  test('answers with its status and code, as often as it says, where action and key fit', async () => {
    await setFault({ action: 'PutObject', key: '/part-', times: 2, status: 503, code: 'SlowDown' })
    expect((await put('day/other')).status).toBe(200)
    expect((await get('day/part-1')).status).toBe(404)
    expect(await put('day/part-1')).toMatchObject({ status: 503, code: 'SlowDown' })
    expect(await put('day/part-2')).toMatchObject({ status: 503, code: 'SlowDown' })
    expect((await put('day/part-1')).status).toBe(200)
  })

  test('with a status of 200 answers with an error in the body, and nothing is stored', async () => {
    await setFault({ action: 'PutObject', times: 1, status: 200, code: 'InternalError' })
    expect(await put('inside')).toMatchObject({ status: 200, code: 'InternalError' })
    expect((await get('inside')).status).toBe(404)
  })

  test('resets the connection, and nothing is stored', async () => {
    await setFault({ action: 'PutObject', times: 1, connection_reset: true })
    await expect(put('reset')).rejects.toMatchObject({ code: 'ECONNRESET' })
    expect((await get('reset')).status).toBe(404)
  })

  test('of chance strikes the same requests for the same seed', async () => {
    const struck = async () => {
      await setFault({ action: 'PutObject', probability: 0.5, seed: 7, status: 500 })
      const statuses: number[] = []
      for (let count = 0; count < 12; count++) statuses.push((await put('k')).status)
      await fetch(`${sandbox.url}/_sandbox/faults`, { method: 'DELETE' })
      return statuses
    }
    const first = await struck()
    expect(new Set(first)).toEqual(new Set([200, 500]))
    expect(await struck()).toEqual(first)
  })

  test('lasts until it is cleared where it does not say how often', async () => {
    await setFault({ action: 'PutObject', status: 500 })
    for (let count = 0; count < 5; count++)
      expect(await put('k')).toMatchObject({ status: 500, code: 'InternalError' })
    await fetch(`${sandbox.url}/_sandbox/faults`, { method: 'DELETE' })
    expect((await put('k')).status).toBe(200)
  })

  test('holds a request that can be seen while it is held', async () => {
    const { fault, clearFaults, inFlight } = sandboxControl(sandbox.url)
    await fault({ action: 'PutObject', key: 'slow', bytes_per_second: 50_000 })
    await fault({ action: 'PutObject', key: 'late', delay_ms: 1000 })
    const held = [put('slow'), put('late')]
    await expect
      .poll(inFlight)
      .toEqual(
        expect.arrayContaining([
          expect.objectContaining({ action: 'PutObject', key: 'slow', fault: true, status: null, n: 0 }),
          expect.objectContaining({ action: 'PutObject', key: 'late', fault: true, bytes_in: 0 }),
        ]),
      )
    await Promise.all(held)
    expect(await inFlight()).toEqual([])
    await clearFaults()
  })

  test('cuts an upload, and nothing is stored of it', async () => {
    await setFault({ action: 'PutObject', key: 'cut', times: 1, cut_after_bytes: 10_000 })
    await expect(put('cut')).rejects.toThrow(/ECONNRESET|socket hang up|EPIPE/)
    expect(await lastRecord()).toMatchObject({
      action: 'PutObject',
      status: null,
      code: 'ConnectionCut',
      fault: true,
    })
    expect((await get('cut')).status).toBe(404)
  })

  test('cuts an answer after that many bytes', async () => {
    await put('whole')
    await setFault({ action: 'GetObject', times: 1, cut_after_bytes: 10_000 })
    await expect(get('whole')).rejects.toThrow(/aborted|ECONNRESET/)
    expect(await lastRecord()).toMatchObject({ action: 'GetObject', status: 200, bytes_out: 10_000 })
    expect((await get('whole')).text).toBe(body)
  })

  test('loses the answer of an upload that is stored', async () => {
    await setFault({ action: 'PutObject', key: 'lost', times: 1, answer_lost: true })
    await expect(put('lost')).rejects.toThrow(/ECONNRESET|socket hang up/)
    expect((await get('lost')).text).toBe(body)
  })

  test('waits, and slows an upload or an answer down, and leaves them whole', async () => {
    for (const effect of [{ delay_ms: 5 }, { bytes_per_second: 1_000_000 }]) {
      await setFault({ times: 2, ...effect })
      expect((await put('slow')).status).toBe(200)
      expect((await get('slow')).text).toBe(body)
      expect(await lastRecord()).toMatchObject({ fault: true, status: 200 })
    }
  })

  test('strikes AssumeRole of one role', async () => {
    await setFault({ action: 'AssumeRole', role: acme.role, status: 503, code: 'ServiceUnavailable' })
    const assume = (RoleArn: string) =>
      sendSigned(
        sandbox.url,
        {
          method: 'POST',
          path: '/',
          body: new URLSearchParams({ Action: 'AssumeRole', RoleArn, RoleSessionName: 'ab' }).toString(),
        },
        { credentials: acmeOwner, region: acme.region, service: 'sts' },
      )
    expect(await assume(acme.role)).toMatchObject({ status: 503, code: 'ServiceUnavailable' })
    expect((await assume(acme.roleWithoutDelete)).status).toBe(403)
  })

  test.each<[string, unknown, RegExp]>([
    ['no effect', { action: 'PutObject' }, /exactly one of status, cut_after_bytes.*found none/],
    ['two effects', { delay_ms: 1, status: 503 }, /exactly one of .*found status, delay_ms/],
    ['an action that there is not', { action: 'putObject', status: 503 }, /action: .*PutObject/],
    ['a key that is no expression', { key: '(', status: 503 }, /key: .*not a regular expression/],
    ['a field that there is not', { statuscode: 503, status: 503 }, /Unrecognized key/],
    ['a code without a status', { code: 'SlowDown', delay_ms: 1 }, /code: goes with status only/],
    ['a status that needs a code', { status: 418 }, /code: is needed with status 418/],
    ['a status of success', { status: 201 }, /status: /],
    ['no times at all', { status: 503, times: 0 }, /times: /],
    ['no object', [], /expected object/],
  ])('with %s is refused with what is allowed', async (_, fault, message) => {
    const answer = await setFault(fault)
    expect(answer.status).toBe(400)
    expect(answer.text).toMatch(message)
    expect((await put('after-refusal')).status).toBe(200)
  })

  test('that is not JSON is refused', async () => {
    const answer = await fetch(`${sandbox.url}/_sandbox/faults`, { method: 'POST', body: 'status=503' })
    expect(answer.status).toBe(400)
    expect(await answer.text()).toMatch(/not JSON/)
  })
})

describe('the control endpoints', () => {
  test.each([
    ['GET', '/_sandbox/nothing', 404],
    ['PUT', '/_sandbox/faults', 405],
    ['POST', '/_sandbox/requests', 405],
    ['GET', '/_sandbox/world', 405],
  ])('%s %s is answered %i', async (method, path, status) => {
    expect((await fetch(sandbox.url + path, { method })).status).toBe(status)
  })
})
