/** Requests of events as fast as they can be sent: a body is made once, and only what tells its events apart is set. */
import { randomBytes } from 'node:crypto'

export interface GeneratorOptions {
  eventNames: string[]
  eventsPerRequest: number
  /** Random hexadecimal digits in each event, which gzip halves, as it does dense real events. */
  payloadDigits: number
  /** An event's serial number decides its time, so that the same number always makes the same event. */
  timeSeconds(serial: number): number
}

export interface EventGenerator {
  readonly bytesPerRequest: number
  /** Lines of `eventsPerRequest` events; the same buffer each time, so what it held before must have been sent. */
  next(serialAt: (index: number) => number): Buffer
}

const timeDigits = 10
const serialDigits = 12

/** Name and user of an event follow from its index, so a serial number must always come with the same index. */
export function createEventGenerator(options: GeneratorOptions): EventGenerator {
  const lines = Array.from({ length: options.eventsPerRequest }, (_, index) => {
    const name = options.eventNames[index % options.eventNames.length] ?? ''
    return Buffer.from(templateLine(name, index, options.payloadDigits))
  })
  const body = Buffer.concat(lines)
  const places = placesOf(lines)
  return {
    bytesPerRequest: body.length,
    next: (serialAt) => {
      for (const [index, place] of places.entries()) {
        const serial = serialAt(index)
        body.write(String(options.timeSeconds(serial)).padStart(timeDigits, '0'), place.time, 'latin1')
        body.write(String(serial).padStart(serialDigits, '0'), place.serial, 'latin1')
      }
      return body
    },
  }
}

function templateLine(name: string, index: number, payloadDigits: number): string {
  return `${JSON.stringify({
    event: name,
    properties: {
      time: 1_000_000_000,
      $insert_id: '0'.repeat(serialDigits),
      distinct_id: `user-${index % 977}`,
      payload: randomBytes(payloadDigits / 2).toString('hex'),
    },
  })}\n`
}

/** Where the digits to overwrite stand in the joined lines. */
function placesOf(lines: Buffer[]): { time: number; serial: number }[] {
  let start = 0
  return lines.map((line) => {
    const time = start + line.indexOf('"time":') + '"time":'.length
    const serial = start + line.indexOf('"$insert_id":"') + '"$insert_id":"'.length
    start += line.length
    return { time, serial }
  })
}
