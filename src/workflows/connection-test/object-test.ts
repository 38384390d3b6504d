import type { Logger } from 'pino'
import type { Clock } from '../../clock.ts'
import type { ProbedDestination } from '../../data/deliver/destination-probes.ts'
import type { Attempt } from './attempt.ts'
import type { RepairContext } from './find-repairs.ts'
import type { StepRecord } from './step-record.ts'

/** What the steps on objects work with. */
export interface ObjectTest {
  destination: ProbedDestination
  /** Of the probes. */
  folder: string
  context: RepairContext
  steps: StepRecord
  attempt: Attempt
  clock: Clock
  signal: AbortSignal
  log: Pick<Logger, 'warn'>
}
