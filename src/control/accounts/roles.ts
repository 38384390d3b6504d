/** What a service account is in a project. */
export const roles = ['owner', 'admin', 'analyst', 'consumer'] as const
export type Role = (typeof roles)[number]

/** Whether it may manage pipelines and import events; the others are for those who look at data elsewhere. */
export function mayManage(role: Role): boolean {
  return role === 'owner' || role === 'admin'
}
