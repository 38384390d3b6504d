/**
 * Takes the records of a body one by one: as their bytes stand, where the scanner is sure of them, and parsed where it is
 * not, which gives the same (take-scanned-body.test.ts).
 */
import type { BatchBuilder } from '../batch-builder.ts'
import { type FailedRecord, failedRecord } from '../event-problem.ts'
import { containersMax, eventNameLengthMax, requestEventsMax } from '../limits.ts'
import { exactOf, parseJson } from '../records.ts'
import { addEvent, type TakeOptions, takeRecord } from '../take-records.ts'
import { openBracket } from './ascii.ts'
import { EventScanner } from './event-scanner.ts'
import { isThere, lengthOf, notThere } from './place.ts'
import { isDistinctId, isInsertId, isPlainString } from './scanned-ids.ts'
import { createScannedKey, type ScannedKey } from './scanned-key.ts'
import { createScannedLine, type WriteScannedLine } from './scanned-line.ts'
import { scannedTime } from './scanned-time.ts'
import { containersAtMost } from './skip.ts'
import { textAt } from './text-at.ts'

/** JSON.stringify makes no more than eight times as much of what it parsed: so a shorter record is not too large. */
export const recordBytesMax = 128 * 1024
const quotesBytes = 2

export class ScannedRecords {
  readonly failed: FailedRecord[] = []
  readonly #body: Uint8Array
  readonly #options: TakeOptions
  readonly #builder: BatchBuilder
  readonly #scanner: EventScanner
  readonly #key: ScannedKey
  readonly #writeLine: WriteScannedLine
  #count = 0
  #containersOfParsed = 0

  /** @param body valid UTF-8 */
  constructor(body: Uint8Array, options: TakeOptions, builder: BatchBuilder) {
    this.#body = body
    this.#options = options
    this.#builder = builder
    this.#scanner = new EventScanner(body)
    this.#key = createScannedKey(body)
    this.#writeLine = createScannedLine(body, options.nowMs)
  }

  /** Whether the request may hold one more record. */
  hasRoom(): boolean {
    return this.#count < requestEventsMax
  }

  /** The place behind the event that begins at `from`, or `notThere` where it must be parsed. */
  scan(from: number): number {
    const end = this.#scanner.scan(from)
    return end - from < recordBytesMax && this.#holdsFewContainers() ? end : notThere
  }

  /** Takes the event that was scanned last; false, and nothing taken, where it must be parsed. */
  takeScanned(): boolean {
    const { name, known } = this.#scanner
    if (isThere(known.ip) && this.#options.findPlace !== undefined) return false
    const nameBytes = lengthOf(name) - quotesBytes
    if (nameBytes < 1 || nameBytes > eventNameLengthMax || !isPlainString(this.#body, name)) return false
    if (!isDistinctId(this.#body, known.distinct_id) || !isInsertId(this.#body, known.$insert_id))
      return false
    const timeMs = scannedTime(this.#body, known.time, this.#options.rules.time)
    const key = timeMs === undefined ? undefined : this.#key(this.#scanner, timeMs)
    if (timeMs === undefined || key === undefined) return false
    if (!this.#writeLine(this.#builder.lines, this.#scanner, timeMs)) return false
    const nameIndex = this.#builder.names.indexOfBytes(this.#body, name.from + 1, name.to - 1)
    this.#builder.add(nameIndex, timeMs, key)
    this.#count += 1
    return true
  }

  /** Takes or fails the record that is a line. False where the body must be parsed as a whole. */
  parseLine(from: number, to: number): boolean {
    // What a line that is an array may hold is a rule of its own.
    if (this.#body[from] === openBracket || !this.#mayParse(from, to)) return false
    const text = textAt(this.#body, from, to)
    if (text.trim() !== '') this.#take(text, parseJson(text))
    return true
  }

  /** The same for an element of an array. */
  parseElement(from: number, to: number): boolean {
    if (!this.#mayParse(from, to)) return false
    const text = textAt(this.#body, from, to)
    const record = parseJson(text)
    if (record === undefined) return false
    this.#take(text, record)
    return true
  }

  #mayParse(from: number, to: number): boolean {
    if (to - from >= recordBytesMax) return false
    this.#containersOfParsed += containersAtMost(this.#body, from, to)
    return this.#holdsFewContainers()
  }

  /** One-sided: what was scanned in vain counts twice. */
  #holdsFewContainers(): boolean {
    return this.#scanner.containers + this.#containersOfParsed < containersMax
  }

  #take(text: string, record: unknown): void {
    const taken = takeRecord(record, () => exactOf(text), this.#options)
    if ('message' in taken) this.failed.push(failedRecord(this.#count, record, taken))
    else addEvent(this.#builder, taken)
    this.#count += 1
  }
}
