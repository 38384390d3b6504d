/** Numbers, sizes and lengths of time as the page shows them: exact where they fit, and never rounded up to "done". */

const whole = new Intl.NumberFormat('en')

export function count(value: number): string {
  return whole.format(value)
}

/** `1 event`, `2 events`. */
export function counted(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? '' : 's'}`
}

const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB']

/** Decimal units, as S3 is billed: `5.12 kB`. */
export function size(bytes: number): string {
  let value = bytes
  let unit = 0
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000
    unit += 1
  }
  return `${unit === 0 ? value : threeDigits(value)} ${units[unit]}`
}

function threeDigits(value: number): string {
  if (value >= 100) return Math.floor(value).toString()
  return value >= 10 ? value.toFixed(1) : value.toFixed(2)
}

/** Short enough for a cell of a calendar: `950`, `12k`, `3.4M`. */
export function shortCount(value: number): string {
  if (value < 1000) return String(value)
  const [divisor, letter] = value < 1e6 ? [1e3, 'k'] : value < 1e9 ? [1e6, 'M'] : [1e9, 'G']
  const short = value / divisor
  return `${short < 10 ? Math.floor(short * 10) / 10 : Math.floor(short)}${letter}`
}

/** `8 s`, `4 min`, `2 h 5 min`, `3 d 4 h`. */
export function duration(seconds: number): string {
  if (seconds < 1) return 'under 1 s'
  if (seconds < 90) return `${Math.round(seconds)} s`
  const minutes = Math.round(seconds / 60)
  if (minutes < 60) return `${minutes} min`
  const hours = Math.floor(minutes / 60)
  if (hours < 48) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`
  const days = Math.floor(hours / 24)
  return hours % 24 === 0 ? `${days} d` : `${days} d ${hours % 24} h`
}

/** Whole percent; 100 only when it is all. */
export function percent(done: number, all: number): number {
  if (all <= 0) return 0
  return done >= all ? 100 : Math.min(99, Math.floor((100 * done) / all))
}
