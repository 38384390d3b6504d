/** Values of options that name things of AWS, checked as they are read. */
import { InvalidArgumentError } from 'commander'
import { isRegion, type Problem } from '../http/contract/aws-names.ts'
import { normalizePrefix, prefixProblem } from '../http/contract/s3-prefix.ts'

/** A parser of an option's value; `problemOf` finishes the sentence "it …". */
export function checked(problemOf: (value: string) => Problem): (value: string) => string {
  return (value) => {
    const problem = problemOf(value)
    if (problem !== undefined) throw new InvalidArgumentError(`it ${problem}.`)
    return value
  }
}

export function regionProblem(region: string): Problem {
  return isRegion(region) ? undefined : 'must be an AWS region, like us-west-2'
}

export function parsePrefix(text: string): string {
  return checked(prefixProblem)(normalizePrefix(text))
}
