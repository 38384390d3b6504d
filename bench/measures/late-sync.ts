/**
 * A thousand late events, spread over a day that is exported already: the sync that brings them, against the export of the
 * day. Both are runs from their claims to their successes, in one worker.
 */
import { gzipSync } from 'node:zlib'
import { lineHashBytes, writeLineHash } from '../check/line-hash.ts'
import { lineOf } from '../generator/event-set.ts'
import { openEventSet } from '../generator/event-sets.ts'
import type { Body, GeneratedDay } from '../generator/generated-day.ts'
import { atLeast } from '../harness/aim.ts'
import { alternate, timesFaster } from '../harness/alternate.ts'
import type { Bench } from '../harness/bench.ts'
import type { Measure, Result, Sample } from '../harness/measure.ts'
import type { Exporter } from '../product/exporter.ts'
import { type FilledDay, fillDay } from '../product/filled-day.ts'
import { sendBodies } from '../product/send-bodies.ts'
import { dayNote, largeDay } from './days.ts'

export const lateSync: Measure[] = [{ name: 'export-sync', run: measure }]

const lateEvents = 1000

async function measure(bench: Bench): Promise<Result[]> {
  const house = await bench.house()
  // A project of its own: other measures count on days that nothing is added to.
  const filled = await fillDay(house, await bench.day(largeDay(bench.sizes)), bench.say)
  const exporter = await house.startExporter()
  try {
    const rounds = new LateRounds(bench, exporter, filled)
    const result = await alternate({
      ...{ name: 'export-sync', unit: 's', aim: atLeast(100), pairs: bench.sizes.pairs, ratio: timesFaster },
      ours: () => rounds.sync(),
      baseline: async () => rounds.exported,
      notes: [`${lateEvents} late events; ${await dayNote(bench, filled.day.sent, filled.day.bodyBytes)}`],
    })
    return [result]
  } finally {
    await exporter.stop()
  }
}

/** Each sync follows on an export of its own, which is the baseline of its pair. */
class LateRounds {
  exported: Sample = { value: 0 }
  readonly #bench: Bench
  readonly #exporter: Exporter
  readonly #filled: FilledDay
  /** Of all late events so far. */
  #hashes: Uint8Array = new Uint8Array()

  constructor(bench: Bench, exporter: Exporter, filled: FilledDay) {
    this.#bench = bench
    this.#exporter = exporter
    this.#filled = filled
  }

  async sync(): Promise<Sample> {
    const { day, project } = this.#filled
    const house = await this.#bench.house()
    const { name, folder } = await house.createPipeline(project, day.spec.date)
    const exported = await this.#exporter.export(project.id, name)
    this.exported = { ...exported, value: exported.seconds }
    const { body, hashes } = lateBody(day, this.#hashes.length / lineHashBytes)
    this.#hashes = Buffer.concat([this.#hashes, hashes])
    await sendBodies({ url: (await house.api()).url, secret: project.secret }, [body], 1)
    const place = await this.#bench.place()
    await place.settle()
    const synced = await this.#exporter.sync(project.id, name)
    const { bucket } = project.account
    const expected = day.expectedWith(this.#hashes)
    await this.#bench.checkFolder({ subject: 'sync', bucket, folder, expected, complete: true })
    await bucket.removeAll(folder)
    await place.settle()
    return { ...synced, value: synced.seconds }
  }
}

/** Events that the day doesn't have, at times all over it. */
function lateBody({ spec }: GeneratedDay, before: number): { body: Body; hashes: Uint8Array } {
  const set = openEventSet(spec.set)
  const midnight = Date.parse(spec.date) / 1000
  const hashes = new Uint8Array(lateEvents * lineHashBytes)
  const lines = Array.from({ length: lateEvents }, (_, index) => {
    const time = midnight + Math.floor((index / lateEvents) * 86_400)
    const line = lineOf(set.make(spec.events + before + index, time))
    writeLineHash(Buffer.from(line), hashes, index)
    return `${line}\n`
  })
  return { body: { gzip: new Uint8Array(gzipSync(lines.join(''))), events: lateEvents }, hashes }
}
