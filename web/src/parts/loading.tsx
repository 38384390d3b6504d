import './notice.css'

/** @param what that is waited for, as the end of "Reading …" */
export function Loading({ what }: { what: string }) {
  return (
    <p className="loading" role="status">
      Reading {what}…
    </p>
  )
}
