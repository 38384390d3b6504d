/** The world file: which users, roles, buckets and keys there are. Its form is in docs/guides/sandbox.md. */
import { z } from 'zod'
import {
  identityPolicySchema,
  type Policy,
  resourcePolicySchema,
  trustPolicySchema,
} from './iam/policy-document.ts'

const accountId = z.string().regex(/^\d{12}$/, 'must be an account id of 12 digits')
const region = z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'must be a region, such as us-west-2')
const bucketName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'must be a bucket name: 3 to 63 of a-z, 0-9, dot and hyphen')
const iamArn = (kind: 'user' | 'role') =>
  z
    .string()
    .regex(
      new RegExp(`^arn:aws[a-z-]*:iam::\\d{12}:${kind}/[\\w+=,.@/-]+$`),
      `must be the ARN of a ${kind}: arn:aws:iam::<12 digits>:${kind}/<name>`,
    )
const keyArn = z
  .string()
  .regex(
    /^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[\w-]+$/,
    'must be the ARN of a key: arn:aws:kms:<region>:<12 digits>:key/<id>',
  )
const aliasName = z
  .string()
  .regex(/^alias\/(?!aws\/)[\w/-]+$/, 'must be alias/<name>; alias/aws/… belongs to AWS')

/** Nothing, or `{}`, where a policy is left out. */
const absentOr = <Output>(schema: z.ZodType<Output>) =>
  z.preprocess((value) => (isEmptyObject(value) ? null : (value ?? null)), schema.nullable())
const identityPolicies = z
  .array(absentOr(identityPolicySchema))
  .transform((policies) => policies.filter((policy) => policy !== null))

const administrator: Policy = {
  statements: [
    {
      effect: 'Allow',
      actions: { patterns: ['*'], inverted: false },
      resources: { patterns: ['*'], inverted: false },
      principals: null,
      conditions: [],
    },
  ],
}

const user = z
  .strictObject({
    arn: iamArn('user'),
    access_key_id: z.string().regex(/^\w{16,128}$/, 'must be 16 to 128 letters and digits'),
    secret_access_key: z.string().min(1, 'must not be empty'),
    policies: identityPolicies.default([]),
  })
  .transform((input) => ({
    arn: input.arn,
    accessKeyId: input.access_key_id,
    secretAccessKey: input.secret_access_key,
    policies: input.policies.length === 0 ? [administrator] : input.policies,
  }))

const role = z
  .strictObject({
    arn: iamArn('role'),
    trust_policy: absentOr(trustPolicySchema),
    policies: identityPolicies.default([]),
    max_session_seconds: z.int().min(1).max(43_200).default(3600),
  })
  .transform((input) => ({
    arn: input.arn,
    trustPolicy: input.trust_policy,
    policies: input.policies,
    maxSessionSeconds: input.max_session_seconds,
  }))

const encryptionName = z.enum(['AES256', 'aws:kms'])
const defaultEncryption = z.preprocess(
  (value) => (typeof value === 'string' ? { algorithm: value } : value),
  z
    .strictObject({
      algorithm: encryptionName,
      kms_key_id: z.string().min(1).optional(),
      bucket_key: z.boolean().default(false),
    })
    .refine(
      ({ algorithm, kms_key_id }) => algorithm === 'aws:kms' || kms_key_id === undefined,
      'kms_key_id goes with the algorithm aws:kms only',
    )
    .transform((input) => ({
      algorithm: input.algorithm,
      kmsKeyId: input.kms_key_id ?? null,
      bucketKey: input.bucket_key,
    })),
)

const bucket = z
  .strictObject({
    name: bucketName,
    account: accountId,
    region,
    policy: absentOr(resourcePolicySchema).optional(),
    default_encryption: defaultEncryption.nullish(),
  })
  .transform((input) => ({
    name: input.name,
    account: input.account,
    region: input.region,
    policy: input.policy ?? null,
    // Since 2023 every bucket encrypts with SSE-S3 where nothing else is set.
    defaultEncryption: input.default_encryption ?? {
      algorithm: 'AES256' as const,
      kmsKeyId: null,
      bucketKey: false,
    },
  }))

const key = z
  .strictObject({
    arn: keyArn,
    policy: absentOr(resourcePolicySchema).optional(),
    enabled: z.boolean().default(true),
    pending_deletion: z.boolean().default(false),
    aliases: z.array(aliasName).default([]),
  })
  .transform((input) => ({
    arn: input.arn,
    policy: input.policy ?? null,
    enabled: input.enabled,
    pendingDeletion: input.pending_deletion,
    aliases: input.aliases,
  }))

const world = z
  .strictObject({
    users: z.array(user).default([]),
    roles: z.array(role).default([]),
    buckets: z.array(bucket).default([]),
    keys: z.array(key).default([]),
    min_session_seconds: z.int().min(1).max(900).default(900),
    secure_transport: z.boolean().default(true),
  })
  .superRefine((input, context) => {
    const unique = (list: string, name: string, values: readonly string[]) => {
      for (const [index, value] of values.entries()) {
        if (values.indexOf(value) === index) continue
        context.addIssue({ code: 'custom', path: [list, index, name], message: `${value} is there twice` })
      }
    }
    unique(
      'users',
      'arn',
      input.users.map(({ arn }) => arn),
    )
    unique(
      'users',
      'access_key_id',
      input.users.map(({ accessKeyId }) => accessKeyId),
    )
    unique(
      'roles',
      'arn',
      input.roles.map(({ arn }) => arn),
    )
    unique(
      'buckets',
      'name',
      input.buckets.map(({ name }) => name),
    )
    unique(
      'keys',
      'arn',
      input.keys.map(({ arn }) => arn),
    )
  })
  .transform((input) => ({
    users: input.users,
    roles: input.roles,
    buckets: input.buckets,
    keys: input.keys,
    minSessionSeconds: input.min_session_seconds,
    /** What `aws:SecureTransport` says: AWS is reached by TLS, which loopback stands in for. */
    secureTransport: input.secure_transport,
  }))

export type World = z.output<typeof world>
export type WorldUser = World['users'][number]
export type WorldRole = World['roles'][number]
export type WorldBucket = World['buckets'][number]
export type WorldKey = World['keys'][number]
export type BucketEncryption = WorldBucket['defaultEncryption']

/** The world as it is now: `PUT /_sandbox/world` replaces it while requests are served. */
export interface LiveWorld {
  current: World
}

/** What is wrong with a world file, each problem with its path. */
export class WorldError extends Error {
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super(`the world is not valid:\n${problems.map((problem) => `  ${problem}`).join('\n')}`)
    this.name = 'WorldError'
    this.problems = problems
  }
}

/** Checks a world file's content; throws `WorldError` with all of its problems. */
export function parseWorld(content: unknown): World {
  const result = world.safeParse(content)
  if (result.success) return result.data
  throw new WorldError(describeIssues(result.error))
}

/** One line a problem: `roles[0].trust_policy.Statement[1].Effect: …`. */
export function describeIssues(error: z.ZodError): string[] {
  return error.issues.map((issue) => {
    const path = issue.path
      .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
      .join('')
      .replace(/^\./, '')
    return path === '' ? issue.message : `${path}: ${issue.message}`
  })
}

function isEmptyObject(value: unknown): boolean {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length === 0
  )
}
