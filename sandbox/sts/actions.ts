export const stsActionNames = ['AssumeRole', 'GetCallerIdentity'] as const
