import { createContext, useContext } from 'react'
import type { SessionProject } from '../api/answers.ts'

export const CurrentProject = createContext<SessionProject | null>(null)

/** The project whose pages these are. */
export function useProject(): SessionProject & { projectId: string } {
  const project = useContext(CurrentProject)
  if (project === null) throw new Error('useProject outside of a project page')
  return { ...project, projectId: String(project.project_id) }
}
