import './events.css'
import { Link } from '@tanstack/react-router'
import { useProject } from '../shell/current-project.ts'

/** Between the ways of looking at a project's events. */
export function EventsNav() {
  const { projectId } = useProject()
  const params = { projectId }
  return (
    <nav className="sub-nav" aria-label="Events">
      <Link to="/console/projects/$projectId/events" params={params} activeOptions={{ exact: true }}>
        Live
      </Link>
      <Link to="/console/projects/$projectId/events/users" params={params}>
        One user
      </Link>
      <Link to="/console/projects/$projectId/events/schema" params={params}>
        Schema
      </Link>
    </nav>
  )
}
