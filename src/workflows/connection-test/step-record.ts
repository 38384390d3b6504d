import type { PenstockError } from '../../errors/penstock-error.ts'
import { type ConnectionTest, type Repair, type StepName, stepNames, type TestedStep } from './tested-step.ts'

/** What the steps of one test have found so far. */
export interface StepRecord {
  passed(step: StepName, found: string): void
  failed(step: StepName, error: PenstockError, repairs: Repair[]): void
  warned(step: StepName, code: string, found: string, repairs: Repair[]): void
  /** Steps that have been told of already keep what they have. */
  notTried(steps: readonly StepName[], why: string): void
  hasFailed(step: StepName): boolean
  /** Steps that nothing was told of were not tried, for `otherwise`. */
  finish(otherwise: string): ConnectionTest
}

/** What only the operator can mend, and no customer. */
const operatorsCodes = /^(OWN_|CLOCK_|DESTINATION_|CONNECTION_TEST_)/

/** @param onTold told of each step as it is settled; of one that is settled anew, again */
export function createStepRecord(onTold?: (step: TestedStep) => void): StepRecord {
  const steps = new Map<StepName, TestedStep>()
  let retryable = false
  const tell = (step: StepName, told: Omit<TestedStep, 'step'>): void => {
    const tested = { step, ...told }
    steps.set(step, tested)
    onTold?.(tested)
  }
  const notTried = (names: readonly StepName[], found: string): void => {
    for (const step of names)
      if (!steps.has(step)) tell(step, { result: 'not tried', code: null, found, repairs: [] })
  }
  return {
    passed: (step, found) => tell(step, { result: 'passed', code: null, found, repairs: [] }),
    failed(step, { code, message, retryable: mayPass }, repairs) {
      retryable ||= mayPass || operatorsCodes.test(code)
      tell(step, { result: 'failed', code, found: message, repairs })
    },
    warned: (step, code, found, repairs) => tell(step, { result: 'warned', code, found, repairs }),
    notTried,
    hasFailed: (step) => steps.get(step)?.result === 'failed',
    finish(otherwise) {
      notTried(stepNames, otherwise)
      const all = stepNames.flatMap((name) => steps.get(name) ?? [])
      return { ok: all.every(({ result }) => result !== 'failed'), retryable, steps: all }
    },
  }
}
