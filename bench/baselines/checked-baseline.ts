/** A baseline that leaves files in the bucket: timed, read back, and cleared away. */

import type { Account } from '../../test/support/export-place.ts'
import type { Fingerprint } from '../check/fingerprint.ts'
import type { Bench } from '../harness/bench.ts'
import type { Sample } from '../harness/measure.ts'
import type { Finished } from '../harness/process-usage.ts'

export interface BucketBaseline {
  subject: string
  account: Account
  expected: Fingerprint
  /** Writes its files under `prefix`, which ends in `/`. */
  write(prefix: string): Promise<Finished>
}

export async function runBaseline(bench: Bench, baseline: BucketBaseline): Promise<Sample> {
  const { subject, account, expected } = baseline
  const folder = `${account.prefix}/baseline/`
  const { seconds, ...usage } = await baseline.write(folder)
  await bench.checkFolder({ subject, bucket: account.bucket, folder, expected, complete: false })
  await account.bucket.removeAll(folder)
  await (await bench.place()).settle()
  return { ...usage, value: seconds }
}

/** Steps one after the other: their times add up, their memory does not. */
export function together(...steps: Finished[]): Finished {
  return {
    seconds: steps.reduce((sum, { seconds }) => sum + seconds, 0),
    cpuSeconds: steps.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0),
    peakRssBytes: Math.max(...steps.map(({ peakRssBytes }) => peakRssBytes)),
  }
}
