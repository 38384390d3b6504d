import './mark.css'
import type { ReactNode } from 'react'

export type Tone = 'good' | 'warn' | 'bad' | 'busy' | 'quiet'

const signs: Record<Tone, string> = { good: '✓', warn: '!', bad: '×', busy: '▸', quiet: '·' }

/** A state in a word, with a sign and a colour that say the same. */
export function Mark({ tone, children }: { tone: Tone; children: ReactNode }) {
  return (
    <span className={`mark ${tone}`}>
      <span className="sign" aria-hidden="true">
        {signs[tone]}
      </span>
      {children}
    </span>
  )
}
