/** A pipeline that is being thought of, as its form has it: every value a text. */
import {
  bucketProblem,
  isRegion,
  kmsKeyProblem,
  partitionOf,
  roleNameProblem,
} from '../../../src/http/contract/aws-names.ts'
import type { Parameters } from '../api/request.ts'
import { namesOf } from '../selection/selection-fields.tsx'

export interface Draft {
  bucket: string
  region: string
  prefix: string
  encryption: 'none' | 'aes' | 'kms'
  kmsKey: string
  account: string
  roleName: string
  frequency: 'daily' | 'hourly'
  fromDate: string
  toDate: string
  events: string
  where: string
  sync: boolean
  manifest: boolean
}

export const emptyDraft: Omit<Draft, 'fromDate'> = {
  bucket: '',
  region: '',
  prefix: '',
  encryption: 'aes',
  kmsKey: '',
  account: '',
  roleName: 'penstock-export',
  frequency: 'daily',
  toDate: '',
  events: '',
  where: '',
  sync: true,
  manifest: false,
}

type Problems = Partial<Record<keyof Draft, string>>

/** Of each section of the form. */
export interface SectionProps {
  draft: Draft
  problems: Problems
  onChange(change: Partial<Draft>): void
}

/** What is wrong with what is given so far; what is still empty is not wrong yet. Pure. */
export function problemsOf(draft: Draft): Problems {
  const { bucket, region, account, roleName, kmsKey, fromDate, toDate } = draft
  const found: Partial<Record<keyof Draft, string | undefined>> = {
    bucket: bucket === '' ? undefined : bucketProblem(bucket),
    region: region === '' || isRegion(region) ? undefined : 'must be an AWS region, like us-west-2',
    account: account === '' || /^\d{12}$/.test(account) ? undefined : 'must have 12 digits',
    roleName: roleName === '' ? undefined : roleNameProblem(roleName.split('/').at(-1) ?? ''),
    kmsKey: draft.encryption !== 'kms' || kmsKey === '' ? undefined : kmsKeyProblem(kmsKey, region),
    toDate: toDate !== '' && toDate < fromDate ? 'must not be before the first day' : undefined,
  }
  return Object.fromEntries(Object.entries(found).filter(([, problem]) => problem !== undefined))
}

/** Undefined until it can be told. */
export function roleOf({ region, account, roleName }: Draft): string | undefined {
  if (!isRegion(region) || !/^\d{12}$/.test(account) || roleName === '') return undefined
  return `arn:${partitionOf(region)}:iam::${account}:role/${roleName}`
}

const given = (value: string): string | undefined => (value.trim() === '' ? undefined : value.trim())

/** Parameters of `setup`; undefined until bucket and region are names that can be. */
export function setupParameters(draft: Draft): Parameters | undefined {
  const { bucket, region, prefix, encryption, kmsKey, roleName } = draft
  const problems = problemsOf(draft)
  const wrong = problems.bucket ?? problems.region ?? problems.roleName
  if (bucket === '' || region === '' || wrong !== undefined) return undefined
  const key =
    encryption === 'kms' && kmsKey.includes(':key/') && problems.kmsKey === undefined ? kmsKey : undefined
  const role = given(roleName)?.split('/').at(-1)
  return {
    s3_bucket: bucket,
    s3_region: region,
    s3_prefix: given(prefix),
    s3_kms_key_id: key,
    role_name: role,
  }
}

/** Parameters of `test`; undefined until it knows where to look. */
export function destinationParameters(draft: Draft): Parameters | undefined {
  const { bucket, region, prefix, encryption, kmsKey } = draft
  const role = roleOf(draft)
  const problems = problemsOf(draft)
  const wrong = problems.bucket ?? problems.roleName ?? problems.kmsKey
  if (role === undefined || bucket === '' || wrong !== undefined) return undefined
  return {
    s3_bucket: bucket,
    s3_region: region,
    s3_prefix: given(prefix),
    s3_role: role,
    s3_encryption: encryption,
    s3_kms_key_id: encryption === 'kms' ? given(kmsKey) : undefined,
  }
}

/** Which folders, as `estimate` and `create` take it. */
export function scheduleParameters({ fromDate, toDate, frequency, events }: Draft): Parameters {
  const names = namesOf(events)
  return {
    from_date: fromDate,
    to_date: given(toDate),
    // With an end the export is daily, and `create` takes no frequency.
    frequency: toDate === '' && frequency === 'hourly' ? frequency : undefined,
    events: names.length === 0 ? undefined : names,
  }
}

/** Parameters of `create`; undefined until everything that it needs is given. */
export function createParameters(draft: Draft): Parameters | undefined {
  const destination = destinationParameters(draft)
  if (destination === undefined || draft.fromDate === '' || Object.keys(problemsOf(draft)).length > 0)
    return undefined
  return {
    type: 's3-raw',
    ...scheduleParameters(draft),
    where: given(draft.where),
    sync: draft.sync ? undefined : 'false',
    manifest: draft.manifest ? 'true' : undefined,
    ...destination,
  }
}
