/** `test` as lines of JSON (`Accept: application/x-ndjson`): each step as it is settled. */
import { z } from 'zod'
import { connectionAnswer, testedStep } from './connection-test.ts'

/** A step that is settled anew counts as it is told last. */
const stepLine = z.strictObject({ step: testedStep })

/** The last line: the whole test, its steps in the order in which `test` tells them. */
const resultLine = z.strictObject({ result: connectionAnswer })

/** The last line where the test broke off. */
const errorLine = z.strictObject({ error: z.string(), status: z.literal('error') })

export const testLine = z.union([stepLine, resultLine, errorLine])
