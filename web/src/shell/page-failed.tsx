import { type ErrorComponentProps, Link } from '@tanstack/react-router'
import { Failure } from '../parts/failure.tsx'

/** In place of a page that broke, or whose code could not be loaded. */
export function PageFailed({ error }: ErrorComponentProps) {
  return <Failure failure={error} again={() => location.reload()} />
}

export function NothingHere() {
  return (
    <main className="lone">
      <h1>There is no such page</h1>
      <p>
        <Link to="/">To the pipelines</Link>
      </p>
    </main>
  )
}
