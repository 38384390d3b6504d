import './field.css'
import { type InputHTMLAttributes, type ReactNode, useId } from 'react'

interface Props extends Omit<InputHTMLAttributes<HTMLInputElement>, 'id'> {
  label: string
  /** Below the input, read with it. */
  hint?: ReactNode
  /** What is wrong with the value. */
  problem?: string | undefined
  mono?: boolean
}

/** An input with its label, its hint and what is wrong with it. */
export function Field({ label, hint, problem, mono, ...input }: Props) {
  const id = useId()
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        spellCheck={false}
        autoCapitalize="off"
        className={mono ? 'mono' : undefined}
        aria-invalid={problem !== undefined}
        aria-describedby={`${id}-hint`}
        {...input}
      />
      <p id={`${id}-hint`} className={problem === undefined ? 'hint' : 'hint wrong'}>
        {problem ?? hint}
      </p>
    </div>
  )
}
