/** Bodies for /import in every spelling that JSON has, and in many that it has not. */
import fc from 'fast-check'

/** When the bodies arrive. */
export const bodiesNowMs = Date.UTC(2026, 0, 15, 12, 0, 0, 250)

export interface ImportBody {
  bytes: Uint8Array<ArrayBuffer>
  contentType: string
}

/** JSON's white space; what only looks like it; none. */
const gap = fc.oneof(
  { weight: 400, arbitrary: fc.constant('') },
  { weight: 50, arbitrary: fc.constantFrom(' ', '  ') },
  { weight: 1, arbitrary: fc.constantFrom('\t', '\r', '\n', '\f', '\u00a0', '\ufeff', '\u2028') },
)

const character = fc.oneof(
  { weight: 20, arbitrary: fc.string({ unit: 'binary-ascii', minLength: 1, maxLength: 1 }) },
  { weight: 4, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }) },
  {
    weight: 3,
    arbitrary: fc.constantFrom('{', '}', '[', ']', ',', ':', '"', '\\', '\0', '\ufeff', '\u2028'),
  },
)

/** As JSON.stringify has it; as escapes; as an escape of half a character; as what is no JSON. */
const spelled = fc.tuple(character, fc.integer({ min: 0, max: 300 })).map(([text, spelling]) => {
  if (spelling === 0) return escaped(text)
  if (spelling === 1) return '\\ud83d'
  if (spelling === 2) return '\\/'
  if (spelling === 3) return fromHostile(text)
  return JSON.stringify(text).slice(1, -1)
})

const escaped = (text: string): string => `\\u${text.charCodeAt(0).toString(16).padStart(4, '0')}`
const fromHostile = (text: string): string => (text < ' ' ? text : `\\${text}`)

const stringText = fc.array(spelled, { maxLength: 12 }).map((parts) => `"${parts.join('')}"`)

const plainString = fc.string({ unit: 'grapheme', maxLength: 10 }).map((text) => JSON.stringify(text))

const numberText = fc.oneof(
  fc.integer().map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }).map(String),
  fc.constantFrom(
    '-0',
    '0',
    '0.0',
    '1.0',
    '1e5',
    '1E+5',
    '1e-7',
    '1e400',
    '-1e999999999999',
    '0.1000000000000000055',
  ),
  fc.constantFrom('12345678901234567890', '123456789012345', '1234567890123456'),
)

const scalarText = fc.oneof(
  { weight: 80, arbitrary: plainString },
  { weight: 60, arbitrary: stringText },
  { weight: 60, arbitrary: numberText },
  { weight: 40, arbitrary: fc.constantFrom('true', 'false', 'null') },
  { weight: 1, arbitrary: fc.constantFrom('True', 'nul', 'undefined', '', "'a'") },
  {
    weight: 1,
    arbitrary: fc.constantFrom('01', '1.', '.5', '-', '+1', '1e', '1e+', '--1', 'NaN', 'Infinity', '0x10'),
  },
)

const keyText = fc.oneof(
  { weight: 12, arbitrary: plainString },
  {
    weight: 2,
    arbitrary: fc.constantFrom('"a"', '"\\u0061"', '"7"', '"01"', '""', '"__proto__"', '"constructor"'),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom('"time"', '"ti\\u006de"', '"$insert_id"', '"distinct_id"', '"event"'),
  },
  { weight: 1, arbitrary: stringText },
)

const { value: valueText } = fc.letrec<{ value: string; object: string; array: string }>((tie) => ({
  value: fc.oneof({ maxDepth: 5, depthSize: 'small' }, scalarText, tie('object'), tie('array')),
  object: fc
    .array(member(keyText, tie('value')), { maxLength: 4 })
    .chain((members) => joined('{', members, '}')),
  array: fc.array(padded(tie('value')), { maxLength: 4 }).chain((elements) => joined('[', elements, ']')),
}))

function padded(text: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.tuple(gap, text, gap).map((parts) => parts.join(''))
}

function member(key: fc.Arbitrary<string>, value: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.tuple(padded(key), padded(value)).map((parts) => parts.join(':'))
}

/** Now and then with a comma too many, or without the end. */
function joined(open: string, parts: string[], close: string): fc.Arbitrary<string> {
  const ends = fc.oneof(
    { weight: 300, arbitrary: fc.constant(close) },
    fc.constantFrom(`,${close}`, '', ` ${close}`),
  )
  return ends.map((end) => `${open}${parts.join(',')}${end}`)
}

const idText = fc.oneof(
  { weight: 12, arbitrary: fc.uuid().map((id) => JSON.stringify(id)) },
  {
    weight: 3,
    arbitrary: fc.constantFrom('"anon"', '"0"', '"[]"', '""', '0', '-1', '17', '1.5', 'null', '1e3', '-17'),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom('123456789012345', '1234567890123456', '"a\\u0062c"', '"ü"', '"\ufeffid"'),
  },
  { weight: 1, arbitrary: fc.constant(`"${'x'.repeat(37)}"`) },
  { weight: 1, arbitrary: fc.constant(`"${'long'.repeat(600)}"`) },
)

const timeText = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 31_536_000, max: Math.floor(bodiesNowMs / 1000) }).map(String) },
  { weight: 6, arbitrary: fc.integer({ min: 1e11 + 1, max: bodiesNowMs + 4e6 }).map(String) },
  {
    weight: 3,
    arbitrary: fc.integer({ min: 31_536_000_000, max: bodiesNowMs }).map((timeMs) => String(timeMs / 1000)),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom('"1700000000"', '1.7e9', '1700000000.0', '1700000000123.9', '17e8'),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom('1700000000.12345678901234567', '0', '-5', 'null', '1e300', '100000000000'),
  },
)

const nameText = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom('"sign up"', '"Größe"', '"$create_alias"', '"\ufeffa"', '"a"') },
  { weight: 3, arbitrary: plainString },
  { weight: 1, arbitrary: stringText },
  {
    weight: 1,
    arbitrary: fc.constantFrom(`"${'n'.repeat(256)}"`, `"${'ü'.repeat(200)}"`, '""', '7', '"\\u0000"'),
  },
)

/** An event by the key that the rest of it is about: most have what they must have, in any order. */
const propertiesText = fc
  .record({
    known: fc.tuple(
      likely(member(fc.constant('"time"'), timeText)),
      likely(member(fc.constant('"distinct_id"'), idText)),
      likely(member(fc.constant('"$insert_id"'), idText)),
      rarely(member(fc.constant('"ip"'), scalarText)),
      rarely(member(fc.constant('"mp_event_time_ms"'), scalarText)),
      rarely(member(fc.constant('"mp_processing_time_ms"'), scalarText)),
    ),
    others: fc.array(member(keyText, valueText), { maxLength: 5 }),
  })
  .chain(({ known, others }) =>
    fc.shuffledSubarray([...known.flat(), ...others], { minLength: known.flat().length }),
  )
  .chain((members) => joined('{', members, '}'))

function likely(text: fc.Arbitrary<string>): fc.Arbitrary<string[]> {
  return several(text, [0, ...Array<number>(30).fill(1), 2])
}

function rarely(text: fc.Arbitrary<string>): fc.Arbitrary<string[]> {
  return several(text, [0, 0, 0, 0, 0, 0, 1])
}

function several(text: fc.Arbitrary<string>, counts: number[]): fc.Arbitrary<string[]> {
  return fc.constantFrom(...counts).chain((count) => fc.array(text, { minLength: count, maxLength: count }))
}

const eventText = fc
  .tuple(
    likely(member(fc.constant('"event"'), nameText)),
    likely(member(fc.constant('"properties"'), propertiesText)),
    fc.oneof({ weight: 20, arbitrary: fc.constant([]) }, fc.tuple(member(keyText, valueText))),
    fc.boolean(),
  )
  .chain(([name, properties, other, isTurned]) => {
    const members = [...name, ...properties, ...other]
    return joined('{', isTurned ? members.reverse() : members, '}')
  })

const recordText = fc.oneof({ weight: 20, arbitrary: eventText }, valueText)

const bodyText = fc.oneof(
  fc.array(padded(recordText), { maxLength: 6 }).map((records) => `[${records.join(',')}]`),
  fc
    .array(padded(recordText), { maxLength: 6 })
    .chain((lines) => fc.constantFrom('\n', '\r\n', '\n\n', ' \n \n').map((newline) => lines.join(newline))),
  padded(eventText),
)

/** What stands between, before and behind things, cut out or put in anywhere. */
const hostile = [
  [0],
  [0xff],
  [0xc0, 0x80],
  [0xed, 0xa0, 0x80],
  [0xef, 0xbb, 0xbf],
  [0x0a],
  [0x0d],
  [0x09],
  [0x0c],
  [0xf0],
]
const splices = fc.array(
  fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    cut: fc.integer({ min: 0, max: 3 }),
    put: fc.oneof(
      fc.constantFrom(...hostile, []),
      fc.constantFrom(...'"\\{}[],:0-. eu').map((text) => [text.charCodeAt(0)]),
    ),
  }),
  { maxLength: 3 },
)

export const importBodies: fc.Arbitrary<ImportBody> = fc
  .record({
    text: padded(bodyText),
    splices: fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, splices),
    contentType: fc.constantFrom('application/json', 'application/x-ndjson', 'application/ndjson', ''),
  })
  .map(({ text, splices, contentType }) => {
    const bytes = [...new TextEncoder().encode(text)]
    for (const { at, cut, put } of splices) bytes.splice(Math.floor(at * bytes.length), cut, ...put)
    return { bytes: Uint8Array.from(bytes), contentType }
  })
