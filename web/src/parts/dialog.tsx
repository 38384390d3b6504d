import './dialog.css'
import { type ReactNode, useEffect, useId, useRef } from 'react'

interface Props {
  title: string
  onClose(): void
  children: ReactNode
}

/** A modal dialog of the browser's own: it keeps the focus, and closes by Escape. */
export function Dialog({ title, onClose, children }: Props) {
  const id = useId()
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => dialog.current?.showModal(), [])
  return (
    <dialog ref={dialog} aria-labelledby={id} onClose={onClose}>
      <header>
        <h2 id={id}>{title}</h2>
        <button type="button" className="plain" onClick={() => dialog.current?.close()} aria-label="Close">
          ✕
        </button>
      </header>
      <div className="stack">{children}</div>
    </dialog>
  )
}
