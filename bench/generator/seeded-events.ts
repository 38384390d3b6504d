/**
 * Made-up events of a web shop that look to a compressor and a parser like real ones: twenty names of very uneven
 * frequency, 15 to 40 properties of mixed types, most values from small dictionaries, and one event in a hundred with
 * a text of kilobytes. About 640 bytes a line.
 */
import type { BenchEvent, EventSet } from './event-set.ts'
import { Random } from './random.ts'
import { propertiesOf } from './seeded-properties.ts'

const seed = 20_261_124
const users = 200_000
/** The commonest name has a quarter of the events, the rarest a thousandth. */
const frequencyRatio = 0.75

const eventNames = [
  'Page Viewed',
  'Product Viewed',
  'Element Clicked',
  'Search Performed',
  'Session Started',
  'Product Added',
  'List Filtered',
  'Video Played',
  'Cart Viewed',
  'Checkout Started',
  'Signed In',
  'Coupon Applied',
  'Payment Entered',
  'Order Completed',
  'Review Submitted',
  'Signed Up',
  'Notification Opened',
  'Support Contacted',
  'Order Refunded',
  'Account Deleted',
] as const

export const seededEvents: EventSet = {
  name: 'seeded',
  eventNames,
  selectedNames: ['Product Viewed', 'Product Added', 'Order Completed'],
  conditions: {
    text: {
      where: 'properties["$browser"] == "Firefox"',
      // That the text is there at all is asked first, as that is cheaper.
      sql: `contains(json, '"Firefox"') and json_extract_string(json, '/properties/$browser') = 'Firefox'`,
      isMet: ({ properties }) => properties.$browser === 'Firefox',
    },
    number: {
      where: 'properties["price"] > 380',
      sql: `json_extract_string(json, '/properties/price')::double > 380`,
      isMet: ({ properties }) => Number(properties.price ?? 0) > 380,
    },
  },
  make: makeEvent,
}

function makeEvent(serial: number, timeSeconds: number): BenchEvent {
  const random = new Random(seed, serial)
  const nameIndex = random.fallingBelow(eventNames.length, frequencyRatio)
  const user = random.skewedBelow(users)
  return {
    event: eventNames[nameIndex] as string,
    properties: {
      time: timeSeconds,
      distinct_id: `u-${(user * 2_654_435_761) % 2 ** 32}`,
      $insert_id: `${random.hex(24)}${serial.toString(16).padStart(10, '0')}`,
      ...propertiesOf(random, nameIndex),
    },
  }
}
