/** A date and time, as a value of its own type: it equals and compares with its like only. */
export class Moment {
  /** Milliseconds since the epoch. */
  readonly ms: number

  constructor(ms: number) {
    this.ms = ms
  }

  /** `YYYY-MM-DDTHH:MM:SS`, in UTC. */
  toString(): string {
    return new Date(this.ms).toISOString().replace(/(\.\d+)?Z$/, '')
  }
}

const form = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?(Z|[+-]\d{2}:?\d{2})?)?$/

/**
 * The moment that a text names: `YYYY-MM-DD`, alone or with `THH:MM:SS` (a space will do for the T), a fraction and an
 * offset; without an offset it is UTC. Undefined for any other text and for days that no calendar has.
 */
export function parseMoment(text: string): Moment | undefined {
  const match = form.exec(text)
  if (match === null) return undefined
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', offset = 'Z'] = match
  const [h, m, s] = [Number(hour), Number(minute), Number(second)]
  const ms = Date.UTC(Number(year), Number(month) - 1, Number(day), h, m, s)
  // A year below 100 would be taken for one of the last century, and what is out of range would roll over.
  const isReal = Number(year) >= 100 && new Date(ms).toISOString().startsWith(`${year}-${month}-${day}`)
  if (!isReal || h > 23 || m > 59 || s > 59) return undefined
  const offsetMinutes = readOffset(offset)
  if (offsetMinutes === undefined) return undefined
  return new Moment(ms + Number(fraction.padEnd(3, '0').slice(0, 3)) - offsetMinutes * 60_000)
}

function readOffset(text: string): number | undefined {
  if (text === 'Z') return 0
  const minutes = Number(text.slice(-2))
  const hours = Number(text.slice(1, 3))
  if (minutes > 59 || hours > 23) return undefined
  return (text.startsWith('-') ? -1 : 1) * (hours * 60 + minutes)
}

/** The moment so many seconds after the epoch; undefined where no date can say it. */
export function momentAtSeconds(seconds: number): Moment | undefined {
  const ms = seconds * 1000
  return Math.abs(ms) <= 8.64e15 ? new Moment(ms) : undefined
}
