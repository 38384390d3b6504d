/** Made-up events of a shop: the same for the same days, and as uneven as real ones. */
import type { Calendar, Day } from './days.ts'
import { createRandom, type Random } from './random.ts'

export interface SentEvent {
  event: string
  properties: {
    /** Seconds or milliseconds since the epoch, whole or decimal: as senders have it. */
    time: number
    distinct_id: string
    $insert_id: string
    [name: string]: unknown
  }
}

/** Events of each past day. The third has none: "nothing happened" must be told from "not exported". */
const eventsPerDay = [1400, 1900, 0, 1650, 1200]
const eventsToday = 40
export const pastDays = eventsPerDay.length

const names = ['Page viewed', 'Product viewed', 'Search', 'Added to cart', 'Signed up', 'Order paid'] as const
const pages = ['/', '/products', '/products/penstock', '/cart', '/über-uns', '/価格'] as const
const users = Array.from({ length: 300 }, (_, index) => `user-${1000 + index}`)

export interface MadeEvents {
  /** One list for each past day of the calendar. */
  past: SentEvent[][]
  today: SentEvent[]
}

export function makeEvents(calendar: Calendar, nowMs: number): MadeEvents {
  const random = createRandom(20_191_110)
  return {
    past: calendar.past.map((day, index) => makeDayEvents(random, day, eventsPerDay[index] ?? 0)),
    today: makeDayEvents(random, { ...calendar.today, endMs: nowMs }, eventsToday),
  }
}

/** The first and the last millisecond of a day are among them: that is where days go wrong. */
function makeDayEvents(random: Random, { startMs, endMs }: Day, count: number): SentEvent[] {
  const timesMs = Array.from({ length: count }, (_, index) => {
    if (index === 0) return startMs
    return index === 1 ? endMs - 1 : random.whole(startMs, endMs)
  })
  return timesMs.sort((a, b) => a - b).map((timeMs) => makeEvent(random, timeMs))
}

function makeEvent(random: Random, timeMs: number): SentEvent {
  const event = random.skewed(names)
  return {
    event,
    properties: {
      time: spellTime(random, timeMs),
      distinct_id: random.skewed(users),
      $insert_id: makeInsertId(random),
      ...properties(random, event),
      // A client's address, which Penstock takes out.
      ...(random.next() < 0.1 && { ip: `203.0.113.${random.whole(1, 255)}` }),
    },
  }
}

/** Servers send whole seconds, some SDKs milliseconds. */
function spellTime(random: Random, timeMs: number): number {
  return random.next() < 0.7 ? Math.floor(timeMs / 1000) : timeMs
}

function makeInsertId(random: Random): string {
  return Array.from({ length: 4 }, () =>
    random
      .whole(0, 2 ** 32)
      .toString(16)
      .padStart(8, '0'),
  ).join('-')
}

function properties(random: Random, event: (typeof names)[number]): Record<string, unknown> {
  switch (event) {
    case 'Page viewed':
      return {
        page: random.skewed(pages),
        referrer: random.next() < 0.3 ? 'https://example.com/?q=pipes' : null,
      }
    case 'Product viewed':
    case 'Added to cart':
      return { product: `P-${random.whole(1, 60)}`, price: random.whole(100, 20_000) / 100 }
    case 'Search':
      return {
        words: ['pipe', 'valve', 'größe 40'].slice(0, random.whole(1, 4)),
        results: random.whole(0, 200),
      }
    case 'Signed up':
      return { plan: random.skewed(['free', 'team', 'company']), newsletter: random.next() < 0.5 }
    case 'Order paid':
      return { order: { items: random.whole(1, 9), total: random.whole(500, 90_000) / 100, currency: 'EUR' } }
  }
}
