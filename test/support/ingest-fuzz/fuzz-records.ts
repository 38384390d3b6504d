/** Records of a fuzzed request: some that must be taken, some with anything in them, some that are no records. */
import fc from 'fast-check'
import { jsonText, memberText } from './json-texts.ts'

export interface FuzzRecord {
  text: string
  /** Whose it is: the project's token, where the record must be taken; undefined where nothing is promised. */
  owner: string | undefined
}

interface FuzzWorld {
  nowSeconds: number
  /** Of the projects that are there. */
  tokens: readonly string[]
}

/** What a record is told by again once it is stored. */
export const markName = 'mark'

export type RecordsOf = (world: FuzzWorld) => fc.Arbitrary<FuzzRecord[]>

const harmless = fc.oneof(
  fc.integer().map(String),
  fc.string({ maxLength: 30 }).map((text) => JSON.stringify(text)),
  fc.constantFrom('null', 'true', '[]', '{}', '[1,{"a":2}]', '-1.5e3'),
)

/** Events as /import and /track take them. */
export const eventRecords: RecordsOf = ({ nowSeconds, tokens }) => {
  const sound = fc
    .record({
      token: fc.constantFrom(...tokens),
      name: fc.string({ minLength: 1, maxLength: 20 }),
      ago: fc.integer({ min: 0, max: 86_400 }),
      value: harmless,
      gap: fc.constantFrom('', ' ', '\t'),
    })
    .map(({ token, name, ago, value, gap }) => ({
      owner: token,
      write: (mark: number) =>
        `{"event":${gap}${JSON.stringify(`e${name}`)},"properties":{"token":"${token}","time":${nowSeconds - ago},` +
        `"distinct_id":"u-${mark}","$insert_id":"i-${mark}",${gap}"${markName}":${mark},"value":${value}}}`,
    }))
  const wild = fc
    .record({
      token: fc.constantFrom(...tokens, 'f'.repeat(32)),
      before: fc.array(memberText, { maxLength: 2 }),
      properties: fc.array(memberText, { maxLength: 6 }),
      after: fc.array(memberText, { maxLength: 2 }),
    })
    .map(({ token, before, properties, after }) => ({
      owner: undefined,
      write: (mark: number) =>
        `{${[
          ...before,
          `"event":"wild"`,
          `"properties":{${[`"token":"${token}"`, `"time":${nowSeconds}`, `"distinct_id":"w"`, `"$insert_id":"w-${mark}"`, ...properties].join(',')}}`,
          ...after,
        ].join(',')}}`,
    }))
  return marked(fc.oneof({ weight: 3, arbitrary: sound }, { weight: 3, arbitrary: wild }, junk))
}

/** Updates as /engage takes them. */
export const profileRecords: RecordsOf = ({ nowSeconds, tokens }) => {
  const sound = fc.record({ token: fc.constantFrom(...tokens), value: harmless }).map(({ token, value }) => ({
    owner: token,
    write: (mark: number) =>
      `{"$token":"${token}","$distinct_id":"p-${mark}","$time":${nowSeconds},"$set":{"${markName}":${mark},"value":${value}}}`,
  }))
  const wild = fc
    .record({
      token: fc.constantFrom(...tokens, 'f'.repeat(32)),
      members: fc.array(memberText, { maxLength: 6 }),
    })
    .map(({ token, members }) => ({
      owner: undefined,
      write: () => `{${[`"$token":"${token}"`, `"$distinct_id":"w"`, ...members].join(',')}}`,
    }))
  return marked(fc.oneof({ weight: 3, arbitrary: sound }, { weight: 3, arbitrary: wild }, junk))
}

interface UnmarkedRecord {
  owner: string | undefined
  write(mark: number): string
}

const junk: fc.Arbitrary<UnmarkedRecord> = jsonText.map((text) => ({ owner: undefined, write: () => text }))

function marked(record: fc.Arbitrary<UnmarkedRecord>): fc.Arbitrary<FuzzRecord[]> {
  return fc
    .array(record, { minLength: 1, maxLength: 12 })
    .map((records) => records.map(({ owner, write }, mark) => ({ owner, text: write(mark) })))
}
