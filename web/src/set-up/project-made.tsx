import { Link } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'
import type { SetUpAnswer } from '../api/answers.ts'
import { CopiedText } from '../parts/copied-text.tsx'

/** The project's secret, which nobody can show again. */
export function ProjectMade({ made }: { made: SetUpAnswer }) {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => heading.current?.focus(), [])
  return (
    <main className="lone">
      <h1 ref={heading} tabIndex={-1}>
        The project is made
      </h1>
      <p>
        <strong>Keep the API secret now: it is shown this once.</strong> It signs in here, and to the HTTP
        API. Penstock has a hash of it alone; if it is lost, <code>penstock project rotate-secret</code> makes
        another.
      </p>
      <CopiedText title="API secret" text={made.api_secret} />
      <p>
        The token is no secret. Apps and sites send events with it, and it is the external ID of the role that
        lets Penstock into a bucket.
      </p>
      <CopiedText title="Token" text={made.token} />
      <Link
        to="/console/projects/$projectId/sdk"
        params={{ projectId: String(made.project_id) }}
        className="button primary"
      >
        I have kept the secret: send the first event
      </Link>
      <p className="soft">You are signed in. Further projects are made on the command line.</p>
    </main>
  )
}
