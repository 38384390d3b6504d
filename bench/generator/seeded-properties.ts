/** Properties of a seeded event: those that every SDK sends, those of its name, and now and then a long text. */
import type { Random } from './random.ts'

type MakeValue = (random: Random) => unknown

const cities = ['Berlin', 'München', 'São Paulo', 'Kraków', 'Austin', '大阪市', 'Nairobi', 'Lyon'] as const
const paths = ['/', '/products', '/products/pump-40', '/cart', '/account', '/help/returns', '/sale'] as const
const words = [
  'flow',
  'valve',
  'pipe',
  'pressure',
  'größe',
  'steel',
  'pump',
  'meter',
  'seal',
  'spare',
] as const

/** In the order in which an SDK writes them. The first ones are always there. */
const common: [string, MakeValue][] = [
  ['$os', (random) => random.skewedPick(['Windows', 'iOS', 'Android', 'Mac OS X', 'Linux'])],
  ['$browser', (random) => random.skewedPick(['Chrome', 'Safari', 'Firefox', 'Edge', 'Opera'])],
  ['$browser_version', (random) => 90 + random.skewedBelow(60)],
  [
    '$current_url',
    (random) => `https://shop.example.com${random.skewedPick(paths)}?ref=${random.below(500)}`,
  ],
  ['$screen_width', (random) => random.skewedPick([1920, 390, 1440, 412, 2560])],
  ['$city', (random) => random.skewedPick(cities)],
  ['mp_country_code', (random) => random.skewedPick(['DE', 'US', 'BR', 'PL', 'JP', 'KE', 'FR'])],
  ['mp_lib', () => 'web'],
  ['plan', (random) => random.skewedPick(['free', 'team', 'company'])],
  ['is_returning', (random) => random.next() < 0.6],
]

/** Of these an event has some; which ones follows from its name. */
const occasional: [string, MakeValue][] = [
  ['product', (random) => `P-${random.skewedBelow(4000)}`],
  ['price', (random) => random.below(50_000) / 100],
  ['quantity', (random) => 1 + random.skewedBelow(12)],
  ['currency', (random) => random.skewedPick(['EUR', 'USD', 'BRL', 'PLN', 'JPY'])],
  ['tags', (random) => [random.pick(words), random.pick(words)]],
  ['experiment', (random) => ({ id: `x${random.below(40)}`, arm: random.pick(['a', 'b']) })],
  ['utm_source', (random) => random.skewedPick(['google', 'newsletter', 'direct', 'partner'])],
  ['query', (random) => `${random.pick(words)} ${random.pick(words)}`],
  ['results', (random) => random.skewedBelow(900)],
  ['position', (random) => random.skewedBelow(60)],
  ['list', (random) => random.pick(['bestsellers', 'recommended', 'recent'])],
  ['coupon', (random) => (random.next() < 0.8 ? null : `SAVE${random.below(90)}`)],
  ['cart_total', (random) => random.below(900_000) / 100],
  ['discount', (random) => random.below(40) / 100],
  ['duration_ms', (random) => random.skewedBelow(600_000)],
  ['session', (random) => random.hex(16)],
  ['logged_in', (random) => random.next() < 0.5],
  ['app_version', (random) => `5.${random.skewedBelow(12)}.${random.below(10)}`],
  ['theme', (random) => random.pick(['dark', 'light'])],
  ['page_load_ms', (random) => 80 + random.skewedBelow(6000)],
  ['scroll_share', (random) => random.below(101)],
  ['supplier', (random) => random.skewedPick(words)],
  ['warehouse', (random) => random.below(14)],
  ['is_gift', (random) => random.next() < 0.1],
  ['delivery', (random) => random.pick(['standard', 'express', 'pickup'])],
  ['locale', (random) => random.skewedPick(['de-DE', 'en-US', 'pt-BR', 'pl-PL', 'ja-JP'])],
  ['segment', (random) => random.below(30)],
]

/** With time, ids and the common ones that makes 15 to 39 properties; a long text makes it 40. */
const occasionalMin = 2
const occasionalMax = 26
const longTextShare = 0.015

export function propertiesOf(random: Random, nameIndex: number): Record<string, unknown> {
  const properties: Record<string, unknown> = {}
  for (const [name, make] of common) properties[name] = make(random)
  const first = nameIndex * 3
  const end = first + occasionalCount(random, nameIndex)
  for (let place = first; place < end; place++) {
    const [name, make] = occasional[place % occasional.length] as [string, MakeValue]
    properties[name] = make(random)
  }
  if (random.next() < longTextShare) properties.message = longText(random)
  return properties
}

/** Some names carry more than others, and two events of one name rarely carry the same. */
function occasionalCount(random: Random, nameIndex: number): number {
  const ofName = ((nameIndex * 7) % 20) / 20
  const share = 0.4 * ofName + 0.6 * random.next()
  return occasionalMin + Math.floor(share * (occasionalMax - occasionalMin + 1))
}

/** One to twelve kilobytes, most of them short. */
function longText(random: Random): string {
  const parts: string[] = []
  const partsMax = 150 + random.skewedBelow(1800)
  while (parts.length < partsMax) parts.push(random.pick(words), String(random.below(1000)))
  return parts.join(' ')
}
