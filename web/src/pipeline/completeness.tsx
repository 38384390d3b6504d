import './completeness.css'
import type { FoldersAnswer } from '../api/answers.ts'
import { count, size } from '../words/amounts.ts'
import { verdictOf } from './verdict.ts'

/** "Is everything there?": the answer, and the numbers that it comes from. */
export function Completeness({ answer }: { answer: FoldersAnswer }) {
  const { totals } = answer
  const { tone, answer: word, why } = verdictOf(answer)
  return (
    <section className={`card completeness ${tone}`} aria-labelledby="completeness">
      <div className="verdict">
        <h2 id="completeness">Is everything there?</h2>
        <p className="word" role="status">
          {word}
        </p>
        <p className="soft">{why}</p>
      </div>
      <dl className="sum num">
        {totals.events_in_store !== null && (
          <Term name="Events in the store" value={totals.events_in_store} />
        )}
        <Term
          name="Delivered"
          value={totals.events_delivered}
          sign={totals.events_in_store === null ? '' : '−'}
          note={`${size(totals.bytes_delivered)} in ${count(totals.files)} files`}
        />
        {(totals.events_not_due ?? 0) > 0 && (
          <Term name="Not due yet" value={totals.events_not_due ?? 0} sign="−" />
        )}
        <Term
          name="Duplicates left out"
          value={totals.duplicates}
          sign={totals.events_in_store === null ? '' : '−'}
        />
        {totals.events_outstanding !== null && (
          <Term
            name="Outstanding"
            value={totals.events_outstanding}
            sign="="
            note={outstandingNote(answer)}
          />
        )}
      </dl>
    </section>
  )
}

/** Where the rest is. */
function outstandingNote({ totals: { folders, events_outstanding: outstanding } }: FoldersAnswer): string {
  const places = [
    folders.failed === undefined ? [] : 'failed',
    (folders.running ?? folders.pending ?? folders.late_pending) === undefined ? [] : 'on the way',
  ].flat()
  if (outstanding === 0)
    return places.length === 0 ? 'nothing is missing' : 'no event is missing, but markers are'
  return places.join(', ')
}

interface TermProps {
  name: string
  value: number
  sign?: string
  note?: string
}

function Term({ name, value, sign, note }: TermProps) {
  return (
    <div className="term">
      <dt>{name}</dt>
      <dd>
        {sign && <span className="sign">{sign}</span>}
        <strong>{count(value)}</strong>
        {note !== undefined && <span className="note">{note}</span>}
      </dd>
    </div>
  )
}
