import type { ProjectTurns } from '../../src/control/limits/project-turns.ts'
import type { ProjectId } from '../../src/ids.ts'

/** Turns at once as the database counts them (src/control/limits/project-turns.ts), for those that have none. */
export function createMemoryTurns(atOnceMax: number): ProjectTurns {
  const underWay = new Map<ProjectId, number>()
  const add = (project: ProjectId, turns: number) => {
    const used = (underWay.get(project) ?? 0) + turns
    underWay.set(project, used)
  }
  return {
    take: async (project) => {
      const used = underWay.get(project) ?? 0
      if (used >= atOnceMax)
        return { refused: { used, max: atOnceMax, windowMs: undefined, waitMs: undefined } }
      add(project, 1)
      return { release: async () => add(project, -1) }
    },
  }
}
