/** What the demo shows at its end. */
import { once } from 'node:events'
import { listing } from './listing.ts'
import { lookAroundCommands } from './look-around.ts'
import { say, sayStep } from './say.ts'
import type { Outcome } from './steps.ts'
import { bucket, owner } from './world.ts'

const differencesShown = 20

export function showOutcome(outcome: Outcome, keep: boolean): void {
  sayStep(`What is in s3://${bucket.name}, read by its owner`)
  say(listing(outcome.bucket.objects))
  sayStep('Hold it against what was sent')
  sayVerdict(outcome)
  sayStep('Look at it')
  if (!keep)
    say('Everything ends now. `npm run demo -- --keep` keeps it up, and then such commands show it:\n')
  say(lookAroundCommands(outcome))
}

function sayVerdict({ differences, days, events }: Outcome): void {
  if (differences.length === 0) {
    say(
      `Verified: in ${days} days' folders are exactly the ${events} different events of those days, each once and as`,
    )
    say(
      'it was sent but for the documented stamps; every object is encrypted, `complete` is empty and came last,',
    )
    say('and the day without events has nothing else.')
    return
  }
  say(`NOT verified: ${differences.length} differences`)
  for (const difference of differences.slice(0, differencesShown)) say(`- ${difference}`)
  if (differences.length > differencesShown) say('- …')
}

/** Says where everything is, and resolves when the demo is interrupted. */
export async function keepUp(outcome: Outcome, folder: string, interrupted: AbortSignal): Promise<void> {
  const { apiUrl, sandboxUrl, project } = outcome
  sayStep('Everything stays up until Ctrl-C')
  say(`Penstock      ${apiUrl}   project ${project.project_id}`)
  say(`API secret    ${project.api_secret}`)
  say(`token         ${project.token}`)
  say(`sandbox AWS   ${sandboxUrl}   (requests so far: ${sandboxUrl}/_sandbox/requests)`)
  say(`bucket owner  ${owner.accessKeyId} ${owner.secretAccessKey}`)
  say(`files, logs   ${folder}`)
  if (!interrupted.aborted) await once(interrupted, 'abort')
}
