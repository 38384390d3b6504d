import './tested-steps.css'
import type { TestedStep } from '../api/answers.ts'
import { CopiedText } from '../parts/copied-text.tsx'
import { Mark, type Tone } from '../parts/mark.tsx'

const tones: Record<TestedStep['result'], Tone> = {
  passed: 'good',
  warned: 'warn',
  failed: 'bad',
  'not tried': 'quiet',
}

const policies: Record<TestedStep['repairs'][number]['policy'], string> = {
  role: 'a policy of the role',
  trust: "the role's trust policy",
  bucket: 'the policy of the bucket',
  key: 'the policy of the key',
  operator: "the policy of Penstock's own identity",
  boundary: "the role's permissions boundary",
  organization: 'a policy of the organization',
}

/** Each step of a connection test as it is settled: what was found, and the statement that lets it pass. */
export function TestedSteps({ steps, busy = false }: { steps: TestedStep[]; busy?: boolean }) {
  return (
    <ol className="tested-steps" aria-live="polite" aria-busy={busy}>
      {steps.map((step) => (
        <li key={step.step} className={step.result}>
          <div className="line">
            <Mark tone={tones[step.result]}>
              <strong>{step.step}</strong>
            </Mark>
            <span className={step.result === 'passed' ? 'visually-hidden' : 'soft'}>{step.result}</span>
            {step.code !== null && <code>{step.code}</code>}
            {step.result !== 'failed' && <span className="soft break">{step.found}</span>}
          </div>
          {step.result === 'failed' && <p className="found break">{step.found}</p>}
          {step.repairs.map((repair, index) => (
            <div key={`${repair.policy} ${repair.how}`} className="repair stack tight">
              <p className="break">
                {index > 0 && <strong>Or: </strong>}
                {repair.how}
              </p>
              {repair.json !== null && (
                <CopiedText
                  title={`For ${policies[repair.policy]}`}
                  text={JSON.stringify(repair.json, null, 2)}
                />
              )}
            </div>
          ))}
        </li>
      ))}
      {busy && (
        <li className="loading" role="presentation">
          Testing
        </li>
      )}
    </ol>
  )
}
