import type { SearchAnswer } from '../api/answers.ts'
import { counted } from '../words/amounts.ts'

interface Props {
  answer: SearchAnswer
  /** Goes on with the days up to this one. */
  onEarlier(toDate: string): void
}

/** How much a search has looked at, and the way further back. */
export function SearchSpan({ answer, onEarlier }: Props) {
  const { events, events_searched: searched, searched_from: from, complete, next_to_date: next } = answer
  const found = events.length === 0 ? 'No event found' : `The newest ${counted(events.length, 'event')}`
  const span =
    from === null ? 'no event is stored yet' : `${counted(searched, 'event')} looked at, back to ${from}`
  return (
    <div className="button-row soft num">
      <output>
        {found}: {span}
        {!complete && '; the search broke off there'}.
      </output>
      {next !== null && (
        <button type="button" onClick={() => onEarlier(next)}>
          Look further back
        </button>
      )}
    </div>
  )
}
