/** The account of a role. A bucket must belong to it: one that changed hands is never written to. */
export function accountOf(roleArn: string): string {
  return roleArn.split(':')[4] ?? ''
}
