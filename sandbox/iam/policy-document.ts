/** AWS policy documents: what is read from a world file or an AssumeRole request, checked as AWS checks it. */
import { z } from 'zod'
import { type Condition, conditionOperatorNames, findConditionOperator } from './condition.ts'

/** Patterns that must match, or with `inverted` (NotAction, NotResource, NotPrincipal) must not. */
export interface Selector {
  readonly patterns: readonly string[]
  readonly inverted: boolean
}

export interface Statement {
  readonly effect: 'Allow' | 'Deny'
  readonly actions: Selector
  /** Null in a trust policy: the role it is attached to is its only resource. */
  readonly resources: Selector | null
  /** Null in an identity policy: whoever it is attached to is its only principal. */
  readonly principals: Selector | null
  readonly conditions: readonly Condition[]
}

export interface Policy {
  readonly statements: readonly Statement[]
}

const text = z.string()
const action = text.regex(
  /^(\*|[a-z0-9-]+:[a-z0-9*?]+)$/i,
  'must be * or service:Action, with * and ? as wildcards',
)
const resource = text
  .regex(/^(\*|arn:.+)$/, 'must be * or an ARN, with * and ? as wildcards')
  .refine((value) => !/[$][{]/.test(value), 'policy variables are not supported by the sandbox')
const awsPrincipal = text.regex(
  /^(\*|\d{12}|arn:aws[a-z-]*:iam::\d{12}:(root|user\/[^*]+|role\/[^*]+)|arn:aws[a-z-]*:sts::\d{12}:assumed-role\/[^*]+)$/,
  'must be *, an account id, or the ARN of a root, user, role or assumed-role session, without wildcards',
)

const principal = z.preprocess(
  (value) => (value === '*' ? { AWS: '*' } : value),
  z.strictObject({
    AWS: oneOrMore(awsPrincipal).optional(),
    // These never match a caller of the sandbox, but stand in real policies.
    Service: oneOrMore(text).optional(),
    Federated: oneOrMore(text).optional(),
    CanonicalUser: oneOrMore(text).optional(),
  }),
)

const conditionValue = z.union([text, z.number(), z.boolean()]).transform(String)
const conditions = z
  .record(text, z.record(text, oneOrMore(conditionValue)))
  .transform((block, context): Condition[] =>
    Object.entries(block).flatMap(([name, keys]) => {
      const operator = findConditionOperator(name)
      if (operator === null) {
        const message = `unknown condition operator; allowed: ${conditionOperatorNames.join(', ')}, each with IfExists`
        context.addIssue({ code: 'custom', path: [name], message })
        return []
      }
      return Object.entries(keys).map(([key, values]) => ({ operator, key: key.toLowerCase(), values }))
    }),
  )

const statement = z
  .strictObject({
    Sid: text.optional(),
    Effect: z.enum(['Allow', 'Deny']),
    Action: oneOrMore(action).optional(),
    NotAction: oneOrMore(action).optional(),
    Resource: oneOrMore(resource).optional(),
    NotResource: oneOrMore(resource).optional(),
    Principal: principal.optional(),
    NotPrincipal: principal.optional(),
    Condition: conditions.optional(),
  })
  .transform((input, context): Statement => {
    const actions = selector(input.Action, input.NotAction)
    if (actions === null) {
      context.addIssue({ code: 'custom', message: 'must have exactly one of Action and NotAction' })
    }
    return {
      effect: input.Effect,
      actions: actions ?? { patterns: [], inverted: false },
      resources: selector(input.Resource, input.NotResource),
      principals: selector(
        input.Principal && (input.Principal.AWS ?? []),
        input.NotPrincipal && (input.NotPrincipal.AWS ?? []),
      ),
      conditions: input.Condition ?? [],
    }
  })

const document = z.strictObject({
  Version: z.enum(['2012-10-17', '2008-10-17']).optional(),
  Id: text.optional(),
  Statement: oneOrMore(statement),
})

type Part = 'principals' | 'resources'
const partNames: Record<Part, string> = { principals: 'Principal', resources: 'Resource' }

/** A document whose statements all have these parts, and none of the others. */
function documentWith(parts: readonly Part[]) {
  return document.transform(({ Statement: statements }, context): Policy => {
    for (const [index, checked] of statements.entries()) {
      for (const part of Object.keys(partNames) as Part[]) {
        if ((checked[part] !== null) === parts.includes(part)) continue
        const message = parts.includes(part)
          ? `must have a ${partNames[part]}`
          : `must not have a ${partNames[part]}: this kind of policy has none`
        context.addIssue({ code: 'custom', path: ['Statement', index], message })
      }
    }
    return { statements }
  })
}

/** Attached to a user, a role or a session. */
export const identityPolicySchema = documentWith(['resources'])
/** Attached to a bucket or a key. */
export const resourcePolicySchema = documentWith(['principals', 'resources'])
/** Says who may assume a role. */
export const trustPolicySchema = documentWith(['principals'])

function selector(matching: string[] | undefined, inverted: string[] | undefined): Selector | null {
  if ((matching === undefined) === (inverted === undefined)) return null
  return { patterns: matching ?? inverted ?? [], inverted: matching === undefined }
}

function oneOrMore<Item extends z.ZodType>(item: Item) {
  return z.preprocess(
    (value) => (value === undefined || Array.isArray(value) ? value : [value]),
    z.array(item).min(1, 'must not be empty'),
  )
}
