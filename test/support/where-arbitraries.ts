/** Segmentation expressions and events at random, from a world so small that they often meet. */
import fc from 'fast-check'

const names = ['a', 'b', 'plan', 'Größe', 'say "a"', 'back\\slash', '$distinct_id', '$time', 'time']
const texts = [
  'a',
  '',
  'plan',
  'pla',
  'é日😀',
  '"',
  '\\',
  'true',
  'false',
  '12',
  '-1.5e2',
  '2024-01-31',
  '2024-01-31T12:00:00',
]
const numbers = [0, -0, 1, 2, -1, 0.5, -2.5, 12, 1e21, 1e-7, 123456789012345, 0.1, 1_706_702_400, 1e300]

const text = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...texts) },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 5 }) },
)
const number = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...numbers) },
  { weight: 1, arbitrary: fc.double({ noNaN: true, noDefaultInfinity: true }) },
)

/** A value of JSON; nested ones hold the same names, as decoys. */
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(null, true, false),
    text,
    number,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...names), tie('value'), { maxKeys: 3 }),
  ),
}))

export const someEvent = fc.record({
  event: fc.constantFrom('a', 'plan', 'Signed "Up"'),
  properties: fc.dictionary(fc.constantFrom(...names, 'distinct_id', '$insert_id', 'other'), value, {
    maxKeys: 8,
    noNullPrototype: true,
  }),
})

const quotedText = fc.tuple(text, fc.boolean()).map(([value, isSingle]) => {
  const json = JSON.stringify(value)
  return isSingle ? `'${json.slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'` : json
})
/** Without a sign: that would be an operator. */
const positiveNumber = number.map((value) => String(Math.abs(value)))
const scalar = fc.oneof(
  quotedText,
  positiveNumber,
  positiveNumber.map((digits) => `-${digits}`),
  fc.constantFrom('true', 'false'),
)
const list = fc
  .array(fc.oneof(scalar, fc.array(scalar, { maxLength: 2 }).map(listText)), { maxLength: 4 })
  .map(listText)

const leaf = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...names).map((name) => `properties[${JSON.stringify(name)}]`) },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom('$time', '$event_name', '$distinct_id', '$insert_id')
      .map((name) => `event['${name}']`),
  },
  { weight: 3, arbitrary: fc.oneof(quotedText, positiveNumber, fc.constantFrom('true', 'false'), list) },
)

const functionName = fc.constantFrom(
  'boolean',
  'number',
  'string',
  'floor',
  'round',
  'ceil',
  'defined',
  'datetime',
)
const operator = fc.constantFrom('==', '!=', '<', '<=', '>', '>=', '+', '-', '*', '/', '%', 'in', 'and', 'or')
// What is there to be compared with a literal is what people write, and what the shortcuts are made for.
const comparison = fc
  .tuple(leaf, fc.constantFrom('==', '!=', '<', '<=', '>', '>=', 'in'), leaf)
  .map(([left, sign, right]) => `${left} ${sign} ${right}`)

/** The text of an expression, with and without parentheses. */
export const someWhere = fc.letrec<{ where: string }>((tie) => ({
  where: fc.oneof(
    { depthSize: 'medium', withCrossShrink: true },
    leaf,
    comparison,
    tie('where').map((inner) => `(${inner})`),
    tie('where').map((inner) => `not ${inner}`),
    tie('where').map((inner) => `-${inner}`),
    fc.tuple(functionName, tie('where')).map(([name, inner]) => `${name}(${inner})`),
    fc.tuple(tie('where'), operator, tie('where')).map(([left, sign, right]) => `${left} ${sign} ${right}`),
    fc.tuple(tie('where'), operator, tie('where')).map(([left, sign, right]) => `(${left} ${sign} ${right})`),
    fc
      .tuple(comparison, fc.constantFrom('and', 'or'), tie('where'))
      .map(([left, sign, right]) => `${left} ${sign} (${right})`),
  ),
})).where

function listText(items: string[]): string {
  return `[${items.join(', ')}]`
}
