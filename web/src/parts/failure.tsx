import './notice.css'
import { CallFailed } from '../api/request.ts'

interface Props {
  failure: unknown
  /** What the button does; without, there is none. */
  again?: () => unknown
}

/** Why there is nothing to see, in the server's own words, and a way to ask again. */
export function Failure({ failure, again }: Props) {
  const message =
    failure instanceof CallFailed || failure instanceof Error ? failure.message : String(failure)
  return (
    <div className="notice bad" role="alert">
      <p className="break">{message}</p>
      {again !== undefined && (
        <button type="button" onClick={() => void again()}>
          Try again
        </button>
      )}
    </div>
  )
}
