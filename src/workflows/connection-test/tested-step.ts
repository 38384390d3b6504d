/** What a connection test finds, step by step. */
import type { PolicyCondition, PolicyStatement } from '../../aws-setup/policies.ts'

/** In the order in which they are told. */
export const stepNames = [
  'own identity',
  'assume role',
  'trust',
  'region',
  'bucket',
  'owner',
  'put',
  'read',
  'list',
  'delete',
  'key',
] as const

export type StepName = (typeof stepNames)[number]

type StepResult = 'passed' | 'warned' | 'failed' | 'not tried'

/** Whose policy it is that has to change. */
type RepairedPolicy = 'role' | 'trust' | 'bucket' | 'key' | 'operator' | 'boundary' | 'organization'

/** A change that lets a step pass. */
export interface Repair {
  policy: RepairedPolicy
  /** What to do with `json`, as a sentence. */
  how: string
  /** A statement to add to the policy, or a condition to add to one of its statements; null where it can't be known. */
  json: PolicyStatement | PolicyCondition | null
}

export interface TestedStep {
  step: StepName
  result: StepResult
  /** One of docs/errors.md; null where nothing is wrong. */
  code: string | null
  /** What was found, or what is wrong, as a sentence or two. */
  found: string
  /** Any one of them helps; the likeliest is first. */
  repairs: Repair[]
}

export interface ConnectionTest {
  /** No step has failed. */
  ok: boolean
  /** Of what has failed, something may pass by itself or is the operator's to mend. */
  retryable: boolean
  steps: TestedStep[]
}
