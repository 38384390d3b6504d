import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { z } from 'zod'
import { sessionAnswer } from './console-session.ts'
import { schemaAnswer } from './event-schema.ts'
import { estimateAnswer, searchAnswer } from './event-search.ts'
import { foldersAnswer } from './folder-calendar.ts'
import { historyAnswer, verifyAnswer } from './folder-history.ts'
import { installationAnswer, setUpAnswer } from './installation.ts'
import { liveArrivals, liveHello, liveRefusals } from './live-events.ts'
import { watchEnd, watchedFolder, watchedLate, watchedPipeline } from './pipeline-watch.ts'
import { testLine } from './streamed-test.ts'

const schemas: Record<string, z.ZodType> = {
  sessionAnswer,
  installationAnswer,
  setUpAnswer,
  foldersAnswer,
  historyAnswer,
  verifyAnswer,
  watchedPipeline,
  watchedFolder,
  watchedLate,
  watchEnd,
  testLine,
  searchAnswer,
  estimateAnswer,
  liveHello,
  liveArrivals,
  liveRefusals,
  schemaAnswer,
}

const page = readFileSync(new URL('../../../docs/console-api.md', import.meta.url), 'utf8')
const examples = [...page.matchAll(/<!-- (\w+) -->\n```json\n([\s\S]*?)```/g)].map(
  ([, name = '', text = '']): [string, string] => [name, text],
)

test('each answer has an example', () => {
  expect([...new Set(examples.map(([name]) => name))].sort()).toEqual(Object.keys(schemas).sort())
})

test.each(examples)('the example of %s is one', (name, text) => {
  expect(schemas[name]?.safeParse(JSON.parse(text)).error).toBeUndefined()
})
