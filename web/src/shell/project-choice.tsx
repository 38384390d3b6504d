import { useNavigate } from '@tanstack/react-router'
import type { SessionProject } from '../api/answers.ts'

interface Props {
  projects: SessionProject[]
  projectId: string
}

/** The project's name, or a choice where the credential opens several. */
export function ProjectChoice({ projects, projectId }: Props) {
  const navigate = useNavigate()
  const [only] = projects
  if (only !== undefined && projects.length === 1) {
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
      {projects.map((project) => (
        <option key={project.project_id} value={String(project.project_id)}>
          {project.name} ({project.project_id})
        </option>
      ))}
    </select>
  )
}
