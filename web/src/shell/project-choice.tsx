import { useNavigate } from '@tanstack/react-router'
import type { SessionProject } from '../api/answers.ts'

interface Props {
  projects: SessionProject[]
  projectId: string
}

/** The project's name, or a choice where the credential opens several, or none by the address. */
export function ProjectChoice({ projects, projectId }: Props) {
  const navigate = useNavigate()
  const [only] = projects
  const isKnown = projects.some((project) => String(project.project_id) === projectId)
  if (only !== undefined && projects.length === 1 && isKnown) {
    return (
      <span className="project" title={`project ${only.project_id}, days of ${only.timezone}`}>
        {only.name}
      </span>
    )
  }
  return (
    <select
      className="project"
      aria-label="Project"
      value={projectId}
      onChange={({ target }) =>
        navigate({ to: '/console/projects/$projectId/pipelines', params: { projectId: target.value } })
      }
    >
      {!isKnown && <option value={projectId}>project {projectId}</option>}
      {projects.map((project) => (
        <option key={project.project_id} value={String(project.project_id)}>
          {project.name} ({project.project_id})
        </option>
      ))}
    </select>
  )
}
