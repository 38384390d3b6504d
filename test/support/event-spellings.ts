/** The same event line in the spellings that JSON allows. Ingest makes the first kind only; filters must not care. */
import type { TestEvent } from './event-batches.ts'

export type SpelledEvent = { event: string; properties: Record<string, unknown> } | TestEvent

export const spellings: Record<string, (event: SpelledEvent) => string> = {
  plain: (event) => JSON.stringify(event),
  spaced: (event) => JSON.stringify(event, null, 1).replaceAll('\n', ' '),
  'each character of a text escaped': (event) => escapeTexts(JSON.stringify(event)),
  'properties first': ({ event, properties }) => JSON.stringify({ properties, event }),
  'decoys around': ({ event, properties }) =>
    JSON.stringify({
      before: { event: 'Decoy', properties: { a: 'decoy', b: [{ a: true }] } },
      event,
      properties: { '{"a":1}': [[], { a: 'decoy"}' }], ...properties, 'b":2': { b: { b: null } } },
      after: { a: 1, properties: [{ b: 2 }] },
    }),
  'every key twice, the last one counts': ({ event, properties }) => {
    const decoys = Object.keys(properties).map((name) => `${JSON.stringify(name)}:"decoy \\" "`)
    const own = JSON.stringify(properties).slice(1, -1)
    const both = [...decoys, ...(own === '' ? [] : [own])].join(',')
    return `{"event":"Decoy","properties":{"a":7,"b":7},"event":${JSON.stringify(event)},"properties":{${both}}}`
  },
}

function escapeTexts(json: string): string {
  return json.replace(/"(?:[^"\\]|\\.)*"/g, (text) => {
    const units = [...Array((JSON.parse(text) as string).length).keys()]
    const escaped = units.map((unit) => escapeUnit((JSON.parse(text) as string).charCodeAt(unit)))
    return `"${escaped.join('')}"`
  })
}

function escapeUnit(unit: number): string {
  return `\\u${unit.toString(16).padStart(4, '0')}`
}
