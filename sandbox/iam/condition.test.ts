import { describe, expect, test } from 'vitest'
import { conditionsHold, findConditionOperator } from './condition.ts'

const context = new Map([
  ['sts:externalid', 'project-token'],
  ['s3:prefix', 'exports/2026'],
  ['aws:sourceip', '127.0.0.1'],
  ['aws:principalarn', 'arn:aws:iam::111111111111:role/team/export'],
  ['aws:securetransport', 'true'],
  ['s3:max-keys', '100'],
  ['aws:currenttime', '2026-11-24T08:00:00.000Z'],
])

function holds(operatorName: string, key: string, values: string[]): boolean {
  const operator = findConditionOperator(operatorName)
  if (operator === null) throw new Error(`no operator ${operatorName}`)
  return conditionsHold([{ operator, key: key.toLowerCase(), values }], context)
}

describe('a condition', () => {
  test.each<[string, string, string[], boolean]>([
    ['StringEquals', 'sts:ExternalId', ['project-token'], true],
    ['StringEquals', 'sts:ExternalId', ['other', 'project-token'], true],
    ['StringEquals', 'sts:ExternalId', ['Project-Token'], false],
    ['StringEqualsIgnoreCase', 'sts:ExternalId', ['Project-Token'], true],
    ['StringEquals', 'sts:Absent', ['x'], false],
    ['StringEqualsIfExists', 'sts:Absent', ['x'], true],
    ['StringEqualsIfExists', 'sts:ExternalId', ['x'], false],
    ['StringNotEquals', 'sts:ExternalId', ['other'], true],
    ['StringNotEquals', 'sts:ExternalId', ['other', 'project-token'], false],
    ['StringNotEquals', 'sts:Absent', ['x'], true],
    ['StringLike', 's3:prefix', ['exports/*'], true],
    ['StringLike', 's3:prefix', ['exports/202?'], true],
    ['StringLike', 's3:prefix', ['exports/'], false],
    ['StringNotLike', 's3:prefix', ['exports/*'], false],
    ['ForAnyValue:StringEquals', 'sts:Absent', ['x'], false],
    ['ForAllValues:StringEquals', 'sts:Absent', ['x'], true],
    ['ForAllValues:StringLike', 's3:prefix', ['exports/*'], true],
    ['Null', 'sts:ExternalId', ['false'], true],
    ['Null', 'sts:ExternalId', ['true'], false],
    ['Null', 'sts:Absent', ['true'], true],
    ['Bool', 'aws:SecureTransport', ['true'], true],
    ['Bool', 'aws:SecureTransport', ['false'], false],
    ['BoolIfExists', 'aws:Absent', ['false'], true],
    ['ArnLike', 'aws:PrincipalArn', ['arn:aws:iam::*:role/team/*'], true],
    ['ArnEquals', 'aws:PrincipalArn', ['arn:*:role/team/export'], false],
    ['ArnNotLike', 'aws:PrincipalArn', ['arn:aws:iam::*:role/team/*'], false],
    ['NumericLessThan', 's3:max-keys', ['101'], true],
    ['NumericLessThanEquals', 's3:max-keys', ['99'], false],
    ['NumericGreaterThan', 's3:max-keys', ['99'], true],
    ['NumericEquals', 's3:max-keys', ['100.0'], true],
    ['NumericNotEquals', 's3:max-keys', ['100'], false],
    ['IpAddress', 'aws:SourceIp', ['127.0.0.0/8'], true],
    ['IpAddress', 'aws:SourceIp', ['10.0.0.0/8', '127.0.0.1'], true],
    ['NotIpAddress', 'aws:SourceIp', ['127.0.0.0/8'], false],
    ['IpAddress', 'aws:SourceIp', ['2001:db8::/32'], false],
    ['DateLessThan', 'aws:CurrentTime', ['2026-12-01T00:00:00Z'], true],
    ['DateGreaterThan', 'aws:CurrentTime', ['2026-12-01T00:00:00Z'], false],
  ])('%s on %s with %j: %s', (operator, key, values, expected) => {
    expect(holds(operator, key, values)).toBe(expected)
  })

  test('with an operator that there is not is none', () => {
    expect(findConditionOperator('StringMatches')).toBeNull()
    expect(findConditionOperator('StringEqualsIfexists')).toBeNull()
  })
})
