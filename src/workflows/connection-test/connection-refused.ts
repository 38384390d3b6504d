import { PenstockError } from '../../errors/penstock-error.ts'
import type { ConnectionTest, Repair, TestedStep } from './tested-step.ts'

/** A destination whose connection test failed. The message has all that is to be done, the statements to paste included. */
export class ConnectionRefused extends PenstockError {
  readonly test: ConnectionTest

  constructor(test: ConnectionTest, hint: string) {
    const message = `the connection test of the destination failed. ${failuresInWords(test)} ${hint}`
    super('outside', 'PIPELINE_CONNECTION_REFUSED', message.trim(), { retryable: test.retryable })
    this.test = test
  }
}

/** Every step that failed, and what to do about it. */
export function failuresInWords({ steps }: ConnectionTest): string {
  return steps
    .filter(({ result }) => result === 'failed')
    .map(stepInWords)
    .join(' ')
}

/** A step that needs attention, in a sentence or a few. */
export function stepInWords({ step, found, repairs }: TestedStep): string {
  const [first, ...others] = repairs.map(repairInWords)
  const todo = first === undefined ? '' : [` ${first}`, ...others].join(' Or: ')
  return `${step}: ${found}${todo}`
}

function repairInWords({ how, json }: Repair): string {
  return json === null ? how : `${how} ${JSON.stringify(json)}`
}
