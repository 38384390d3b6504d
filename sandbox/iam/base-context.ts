import type { AwsRequest } from '../request.ts'
import type { World } from '../world.ts'
import type { Principal } from './principal.ts'

/** The condition keys that every request brings. Keys in lower case. */
export function baseContext(
  request: AwsRequest,
  principal: Principal,
  world: World,
  nowMs: number,
): Map<string, string> {
  const userName = principal.roleArn === null ? principal.arn.split('/').at(-1) : undefined
  return new Map([
    ['aws:securetransport', String(world.secureTransport)],
    ['aws:sourceip', request.sourceIp],
    ['aws:currenttime', new Date(nowMs).toISOString()],
    ['aws:epochtime', String(Math.floor(nowMs / 1000))],
    // Of a session, the role and not the session.
    ['aws:principalarn', principal.roleArn ?? principal.arn],
    ['aws:principalaccount', principal.account],
    ['aws:principaltype', principal.roleArn === null ? 'User' : 'AssumedRole'],
    ['aws:userid', principal.userId],
    ...(principal.issuedAtMs === null
      ? []
      : ([['aws:tokenissuetime', new Date(principal.issuedAtMs).toISOString()]] as const)),
    ...(userName === undefined ? [] : ([['aws:username', userName]] as const)),
  ])
}
