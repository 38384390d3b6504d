/** Faults on demand: what `POST /_sandbox/faults` asks for, and how it strikes. */
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { AwsError, ConnectionCut } from './answer.ts'
import { cutAfter, slowDown } from './byte-streams.ts'
import type { Exchange } from './exchange.ts'
import { kmsActionNames } from './kms/actions.ts'
import type { RequestRecord } from './request-log.ts'
import { s3ActionNames } from './s3/operation.ts'
import { stsActionNames } from './sts/actions.ts'

const effectNames = [
  'status',
  'cut_after_bytes',
  'delay_ms',
  'bytes_per_second',
  'answer_lost',
  'connection_reset',
  'clock_skew_ms',
] as const
/** What AWS answers most often with a status, where the fault names no code. */
const usualCodes: Record<number, string> = {
  200: 'InternalError',
  400: 'InvalidRequest',
  403: 'AccessDenied',
  404: 'NoSuchKey',
  500: 'InternalError',
  503: 'SlowDown',
}

const pattern = z.string().transform((text, context) => {
  try {
    return new RegExp(text)
  } catch {
    context.addIssue({ code: 'custom', message: `${JSON.stringify(text)} is not a regular expression` })
    return z.NEVER
  }
})

const faultSchema = z
  .strictObject({
    action: z.enum([...s3ActionNames, ...stsActionNames, ...kmsActionNames]).optional(),
    bucket: z.string().optional(),
    key: pattern.optional(),
    role: z.string().optional(),
    times: z.int().min(1).optional(),
    probability: z.number().gt(0).max(1).optional(),
    seed: z.int().min(0).max(0xffff_ffff).optional(),
    status: z.union([z.literal(200), z.int().min(400).max(599)]).optional(),
    code: z.string().min(1).optional(),
    cut_after_bytes: z.int().min(0).optional(),
    delay_ms: z.int().min(0).max(600_000).optional(),
    bytes_per_second: z.int().min(1).optional(),
    answer_lost: z.literal(true).optional(),
    connection_reset: z.literal(true).optional(),
    clock_skew_ms: z.int().optional(),
  })
  .superRefine((fault, context) => {
    const effects = effectNames.filter((name) => fault[name] !== undefined)
    if (effects.length !== 1) {
      const message = `must have exactly one of ${effectNames.join(', ')}; found ${effects.join(', ') || 'none'}`
      context.addIssue({ code: 'custom', message })
    }
    if (fault.code !== undefined && fault.status === undefined) {
      context.addIssue({ code: 'custom', path: ['code'], message: 'goes with status only' })
    }
    if (fault.seed !== undefined && fault.probability === undefined) {
      context.addIssue({ code: 'custom', path: ['seed'], message: 'goes with probability only' })
    }
    if (fault.status !== undefined && fault.code === undefined && usualCodes[fault.status] === undefined) {
      context.addIssue({ code: 'custom', path: ['code'], message: `is needed with status ${fault.status}` })
    }
  })

type Fault = z.output<typeof faultSchema>

/** The faults that are set, oldest first: the first that fits a request strikes it. */
export class FaultBook {
  #faults: { readonly fault: Fault; timesLeft: number; readonly random: () => number }[] = []

  /** Sets one fault; throws a ZodError where it is not of the documented form. */
  add(content: unknown): void {
    const fault = faultSchema.parse(content)
    const random = fault.seed === undefined ? Math.random : randomOf(fault.seed)
    this.#faults.push({ fault, timesLeft: fault.times ?? Number.POSITIVE_INFINITY, random })
  }

  clear(): void {
    this.#faults = []
  }

  /** Lets the first fault that fits strike: throws, waits, or changes what the exchange reads and answers. */
  async strike(exchange: Exchange): Promise<void> {
    const entry = this.#faults.find(({ fault, random }) => fits(fault, exchange.record, random))
    if (entry === undefined) return
    entry.timesLeft--
    if (entry.timesLeft === 0) this.#faults.splice(this.#faults.indexOf(entry), 1)
    exchange.record.fault = true
    await strikeWith(entry.fault, exchange)
  }
}

function fits(fault: Fault, record: RequestRecord, random: () => number): boolean {
  return (
    (fault.action === undefined || fault.action === record.action) &&
    (fault.bucket === undefined || fault.bucket === record.bucket) &&
    (fault.role === undefined || fault.role === record.role) &&
    (fault.key === undefined || (record.key !== null && fault.key.test(record.key))) &&
    (fault.probability === undefined || random() < fault.probability)
  )
}

/** The same numbers for the same seed, evenly from 0 to before 1 (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b_79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000
  }
}

async function strikeWith(fault: Fault, exchange: Exchange): Promise<void> {
  if (fault.status !== undefined) {
    const code = fault.code ?? usualCodes[fault.status] ?? ''
    throw new AwsError(fault.status, code, 'A fault that was asked for at /_sandbox/faults.')
  }
  if (fault.connection_reset) throw new ConnectionCut('a fault, by a reset', { isReset: true })
  if (fault.clock_skew_ms !== undefined) throw skewed(exchange, fault.clock_skew_ms)
  if (fault.delay_ms !== undefined) {
    await sleep(fault.delay_ms, undefined, { signal: exchange.closed }).catch(() => {
      throw new ConnectionCut('the client left during a delay')
    })
  }
  if (fault.answer_lost) exchange.answerFault = { cutAfterBytes: 0, bytesPerSecond: null }
  if (fault.cut_after_bytes !== undefined) cut(exchange, fault.cut_after_bytes)
  if (fault.bytes_per_second !== undefined) slow(exchange, fault.bytes_per_second)
}

/** What a server says whose clock is that far off; its answer tells the time by it. */
function skewed({ record }: Exchange, skewMs: number): AwsError {
  const isSts = stsActionNames.some((name) => name === record.action)
  const isKms = kmsActionNames.some((name) => name === record.action)
  const code = isKms ? 'InvalidSignatureException' : isSts ? 'SignatureDoesNotMatch' : 'RequestTimeTooSkewed'
  const date = new Date(Date.now() + skewMs).toUTCString()
  return new AwsError(403, code, `A fault that was asked for at /_sandbox/faults: here it is ${date}.`, {
    headers: { date },
  })
}

/** An upload is cut on its way in, anything else on its way out. */
function cut(exchange: Exchange, cutAfterBytes: number): void {
  if (exchange.request.method === 'PUT') {
    exchange.request = { ...exchange.request, body: cutAfter(exchange.request.body, cutAfterBytes) }
  } else {
    exchange.answerFault = { cutAfterBytes, bytesPerSecond: null }
  }
}

function slow(exchange: Exchange, bytesPerSecond: number): void {
  if (exchange.request.method === 'PUT') {
    const body = slowDown(exchange.request.body, bytesPerSecond, exchange.closed)
    exchange.request = { ...exchange.request, body }
  } else {
    exchange.answerFault = { cutAfterBytes: null, bytesPerSecond }
  }
}
