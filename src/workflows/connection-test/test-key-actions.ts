/**
 * The actions on a key that the set-up grants and no export asks for. One that is missing stops nothing, so it is warned
 * of: by name, with the statement to add.
 */
import type { AwsDenial } from '../../aws/aws-denial.ts'
import { keyActionRepairs } from './find-repairs.ts'
import type { ObjectTest } from './object-test.ts'

const keyWorks = 'the key encrypts and decrypts'

export async function testKeyActions(test: ObjectTest): Promise<void> {
  const { destination, steps, context, attempt, signal } = test
  if (context.encryption !== 'kms' || context.kmsKeyId === null) {
    steps.passed(
      'key',
      context.encryption === 'kms'
        ? keyWorks
        : 'no key is asked for; that of the bucket, if it has one, was used',
    )
    return
  }
  const found = await attempt(() => destination.deniedKeyActions(signal))
  const denied = found.error === undefined ? found.value : undefined
  const [first] = denied ?? []
  if (first === undefined) {
    const others = denied === undefined ? 'KMS could not be asked about' : 'the role may do'
    steps.passed('key', `${keyWorks}; ${others} the rest of the set-up`)
    return
  }
  // One statement mends what one policy is the reason of; the next test names what is left.
  const together = (denied ?? []).filter(
    ({ policy, explicit }) => policy === first.policy && explicit === first.explicit,
  )
  steps.warned(
    'key',
    'KMS_GRANT_INCOMPLETE',
    missingInWords(denied ?? [], context),
    keyActionRepairs(together, context),
  )
}

function missingInWords(denied: readonly AwsDenial[], { kmsKeyId, roleArn }: ObjectTest['context']): string {
  const actions = denied.map(({ action }) => action).join(', ')
  return `KMS key ${kmsKeyId}: ${actions} is denied to role ${roleArn}. The key encrypts and decrypts, and no export asks for more. The set-up grants it, as it does for Mixpanel's own exports.`
}
