import { useId } from 'react'
import { knownRegions } from '../../../src/http/contract/aws-names.ts'
import { Field } from '../parts/field.tsx'
import type { Draft, SectionProps } from './draft.ts'

const encryptions: Record<Draft['encryption'], string> = {
  aes: "S3's own keys (SSE-S3)",
  kms: 'a KMS key (SSE-KMS)',
  none: "as the bucket's default has it",
}

/** Which bucket, and how its objects are encrypted. */
export function DestinationSection({ draft, problems, onChange }: SectionProps) {
  const id = useId()
  return (
    <section className="card" aria-labelledby={`${id}-title`}>
      <header>
        <h2 id={`${id}-title`}>Where to</h2>
      </header>
      <div className="body fields">
        <Field
          label="Bucket"
          mono
          value={draft.bucket}
          onChange={({ target }) => onChange({ bucket: target.value.trim() })}
          problem={problems.bucket}
          placeholder="acme-events"
        />
        <Field
          label="Region"
          mono
          list={`${id}-regions`}
          value={draft.region}
          onChange={({ target }) => onChange({ region: target.value.trim() })}
          problem={problems.region}
          placeholder="us-west-2"
        />
        <datalist id={`${id}-regions`}>
          {knownRegions.map((region) => (
            <option key={region} value={region} />
          ))}
        </datalist>
        <Field
          label="Key prefix"
          mono
          value={draft.prefix}
          onChange={({ target }) => onChange({ prefix: target.value })}
          hint="Folders are made below it. Empty: at the bucket's root."
        />
        <div className="field">
          <label htmlFor={`${id}-encryption`}>Encryption</label>
          <select
            id={`${id}-encryption`}
            value={draft.encryption}
            onChange={({ target }) => onChange({ encryption: target.value as Draft['encryption'] })}
          >
            {Object.entries(encryptions).map(([value, text]) => (
              <option key={value} value={value}>
                {text}
              </option>
            ))}
          </select>
        </div>
        {draft.encryption === 'kms' && (
          <Field
            label="KMS key"
            mono
            value={draft.kmsKey}
            onChange={({ target }) => onChange({ kmsKey: target.value.trim() })}
            problem={problems.kmsKey}
            hint="ARN, id, or ARN of an alias. A policy can be made for an ARN alone. Empty: the account's aws/s3 key."
          />
        )}
      </div>
    </section>
  )
}
