/** The Condition block of a policy statement: operators, and how they meet the keys of one request. */
import { BlockList, isIP } from 'node:net'
import { matchesWildcard } from './wildcard.ts'

/** What a request brings to conditions; keys in lower case, because IAM compares them without case. */
export type ConditionContext = ReadonlyMap<string, string>

export interface Condition {
  readonly operator: ConditionOperator
  /** In lower case. */
  readonly key: string
  readonly values: readonly string[]
}

interface ConditionOperator {
  readonly test: (actual: string, expected: string) => boolean
  /** A negated operator holds where no value matches, and where the key is absent. */
  readonly negated: boolean
  /** What it answers where the request has no such key. */
  readonly whenAbsent: boolean
  /** `Null` asks whether the key is there at all. */
  readonly asksPresence: boolean
}

type Test = ConditionOperator['test']

const positive: Record<string, Test> = {
  StringEquals: (actual, expected) => actual === expected,
  StringEqualsIgnoreCase: (actual, expected) => actual.toLowerCase() === expected.toLowerCase(),
  StringLike: (actual, expected) => matchesWildcard(expected, actual),
  ArnEquals: matchesArn,
  ArnLike: matchesArn,
  NumericEquals: (actual, expected) => Number(actual) === Number(expected),
  DateEquals: (actual, expected) => Date.parse(actual) === Date.parse(expected),
  IpAddress: matchesAddress,
}

const negatable: Record<string, string> = {
  StringNotEquals: 'StringEquals',
  StringNotEqualsIgnoreCase: 'StringEqualsIgnoreCase',
  StringNotLike: 'StringLike',
  ArnNotEquals: 'ArnEquals',
  ArnNotLike: 'ArnLike',
  NumericNotEquals: 'NumericEquals',
  DateNotEquals: 'DateEquals',
  NotIpAddress: 'IpAddress',
}

const ordered: Record<string, Test> = {
  Bool: (actual, expected) => actual.toLowerCase() === expected.toLowerCase(),
  NumericLessThan: (actual, expected) => Number(actual) < Number(expected),
  NumericLessThanEquals: (actual, expected) => Number(actual) <= Number(expected),
  NumericGreaterThan: (actual, expected) => Number(actual) > Number(expected),
  NumericGreaterThanEquals: (actual, expected) => Number(actual) >= Number(expected),
  DateLessThan: (actual, expected) => Date.parse(actual) < Date.parse(expected),
  DateLessThanEquals: (actual, expected) => Date.parse(actual) <= Date.parse(expected),
  DateGreaterThan: (actual, expected) => Date.parse(actual) > Date.parse(expected),
  DateGreaterThanEquals: (actual, expected) => Date.parse(actual) >= Date.parse(expected),
}

export const conditionOperatorNames: readonly string[] = [
  ...Object.keys(positive),
  ...Object.keys(negatable),
  ...Object.keys(ordered),
  'Null',
]

/** The operator of that name, or null where there is none that the sandbox knows. */
export function findConditionOperator(name: string): ConditionOperator | null {
  // Every key of this sandbox has one value, for which both set operators are as the plain one, but where it is absent.
  const [, quantifier = '', base = '', ifExists = ''] =
    /^(ForAllValues:|ForAnyValue:)?(.*?)(IfExists)?$/.exec(name) ?? []
  if (name === 'Null') return { test: () => false, negated: false, whenAbsent: false, asksPresence: true }
  const test = positive[base] ?? ordered[base] ?? positive[negatable[base] ?? '']
  if (test === undefined) return null
  const negated = base in negatable
  const holdsWhenAbsent = negated || ifExists !== '' || quantifier === 'ForAllValues:'
  const whenAbsent = quantifier === 'ForAnyValue:' ? false : holdsWhenAbsent
  return { test, negated, whenAbsent, asksPresence: false }
}

/** All conditions of a statement must hold. */
export function conditionsHold(conditions: readonly Condition[], context: ConditionContext): boolean {
  return conditions.every((condition) => conditionHolds(condition, context.get(condition.key)))
}

function conditionHolds({ operator, values }: Condition, actual: string | undefined): boolean {
  if (operator.asksPresence) return values.some((value) => (value === 'true') === (actual === undefined))
  if (actual === undefined) return operator.whenAbsent
  return values.some((expected) => operator.test(actual, expected)) !== operator.negated
}

/** Wildcards in an ARN stay within its parts: a star does not reach over a colon, but in the last part. */
function matchesArn(actual: string, expected: string): boolean {
  const [actualParts, expectedParts] = [actual.split(':'), expected.split(':')]
  const head = expectedParts.slice(0, 5)
  return (
    head.every((part, index) => matchesWildcard(part, actualParts[index] ?? '')) &&
    matchesWildcard(expectedParts.slice(5).join(':'), actualParts.slice(5).join(':'))
  )
}

function matchesAddress(actual: string, expected: string): boolean {
  const [network = '', prefix] = expected.split('/')
  const family = isIP(network) === 6 ? 'ipv6' : 'ipv4'
  if (isIP(network) === 0 || isIP(actual) === 0) return false
  const list = new BlockList()
  list.addSubnet(network, Number(prefix ?? (family === 'ipv6' ? 128 : 32)), family)
  return list.check(actual, isIP(actual) === 6 ? 'ipv6' : 'ipv4')
}
