/** JSON as text, so that it can hold what no value can: keys twice, digits that no double has, lone surrogates. */
import fc from 'fast-check'

const numberText = fc.oneof(
  fc.constantFrom(
    '0',
    '-0',
    '1e400',
    '-1E-999',
    '12345678901234567890',
    '0.1000000000000000055',
    '1772625600',
    '1772625600000',
    '99999999999',
    '1e11',
  ),
  fc.integer().map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
)

const stringText = fc.oneof(
  fc.constantFrom(
    '""',
    '"\\ud83d"',
    '"\\udc00x"',
    '"\\u0000"',
    '"\\u2028"',
    '"null"',
    '"undefined"',
    '"\\\\\\""',
    '"1772625600"',
    '"00000000-0000-0000-0000-000000000000"',
  ),
  fc.string({ maxLength: 40 }).map((text) => JSON.stringify(text)),
  fc.string({ unit: 'binary', maxLength: 20 }).map((text) => JSON.stringify(text)),
  fc.nat({ max: 3000 }).map((length) => `"${'x'.repeat(length)}"`),
)

/** Names that mean something here or to JavaScript. */
const keyText = fc.oneof(
  fc.constantFrom(
    '"event"',
    '"properties"',
    '"time"',
    '"distinct_id"',
    '"$insert_id"',
    '"$insert\\u005fid"',
    '"token"',
    '"ip"',
    '"mp_event_time_ms"',
    '"mp_processing_time_ms"',
    '"__proto__"',
    '"constructor"',
    '"toString"',
    '"rawJSON"',
    '""',
    '"$token"',
    '"$distinct_id"',
    '"$set"',
    '"$add"',
    '"$unset"',
    '"$delete"',
  ),
  stringText,
)

const space = fc.constantFrom('', '', '', ' ', '\t')

export const { value: jsonText } = fc.letrec<{ value: string; list: string; object: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 6, withCrossShrink: true },
    fc.oneof(numberText, stringText, fc.constantFrom('true', 'false', 'null')),
    tie('list'),
    tie('object'),
  ),
  list: fc
    .tuple(space, fc.array(tie('value'), { maxLength: 5 }))
    .map(([blank, elements]) => `[${blank}${elements.join(`,${blank}`)}]`),
  object: fc
    .tuple(space, fc.array(fc.tuple(keyText, tie('value')), { maxLength: 6 }))
    .map(
      ([blank, members]) => `{${members.map(([key, value]) => `${blank}${key}:${blank}${value}`).join(',')}}`,
    ),
}))

/** `key: value` of an object, as text. */
export const memberText = fc.tuple(keyText, jsonText).map(([key, value]) => `${key}:${value}`)
