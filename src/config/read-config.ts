import { isSafeEndpoint } from '../aws/safe-endpoint.ts'
import { PenstockError } from '../errors/penstock-error.ts'
import { nearestName } from './nearest-name.ts'
import type { Setting } from './settings/setting.ts'
import { type Config, settings } from './settings.ts'

/**
 * Reads the settings from an environment, once. An empty value counts as unset.
 * @throws PenstockError `CONFIG_INVALID` that lists every unknown, misspelt or out-of-range setting together.
 */
export function readConfig(env: Record<string, string | undefined>): Config {
  const problems: string[] = unknownNames(env)
  const values: Record<string, unknown> = {}
  for (const [name, setting] of Object.entries<Setting>(settings)) {
    const text = env[setting.env]
    if (text === undefined || text === '') {
      values[name] = setting.default
      continue
    }
    const parsed = setting.schema.safeParse(text)
    if (parsed.success) values[name] = parsed.data
    else problems.push(`${setting.env} ${parsed.error.issues[0]?.message ?? 'is invalid'}`)
  }
  if (problems.length === 0) problems.push(...contradictions(values as Config))
  if (problems.length > 0) {
    throw new PenstockError('caller', 'CONFIG_INVALID', `settings: ${problems.join('; ')}`)
  }
  return Object.freeze(values) as Config
}

function unknownNames(env: Record<string, string | undefined>): string[] {
  const known = Object.values<Setting>(settings).map((setting) => setting.env)
  return Object.keys(env)
    .filter((name) => name.startsWith('PENSTOCK_') && !known.includes(name))
    .map((name) => {
      const near = nearestName(name, known)
      return `${name} is unknown${near === undefined ? '' : `; did you mean ${near}?`}`
    })
}

/** What no setting shows alone. */
function contradictions(config: Config): string[] {
  const problems = [
    retentionProblem(config),
    tlsProblem(config),
    webhookProblem(config),
    ...storeProblems(config),
  ]
  return problems.filter((problem) => problem !== undefined)
}

function retentionProblem({ retentionDays, backfillMonthsMax, syncDaysMax }: Config): string | undefined {
  const neededDays = Math.max(backfillMonthsMax * 31, syncDaysMax) + 2
  if (retentionDays === undefined || retentionDays >= neededDays) return undefined
  return `${settings.retentionDays.env} must be at least ${neededDays}, or exports would ask for events that are gone: raise it, or lower ${settings.backfillMonthsMax.env} and ${settings.syncDaysMax.env}`
}

function tlsProblem({ tlsCert, tlsKey }: Config): string | undefined {
  if ((tlsCert === undefined) === (tlsKey === undefined)) return undefined
  return `${settings.tlsCert.env} and ${settings.tlsKey.env} are set together, or neither is`
}

function storeProblems(config: Config): (string | undefined)[] {
  const { storeUrl, storeS3Endpoint, storeS3AccessKeyId, storeS3SecretAccessKey } = config
  const { storeS3Endpoint: endpoint, storeS3AccessKeyId: id, storeS3SecretAccessKey: secret } = settings
  const isS3 = storeUrl?.kind === 's3'
  const unused = [
    [endpoint.env, storeS3Endpoint],
    [id.env, storeS3AccessKeyId],
  ].filter(([, value]) => !isS3 && value !== undefined)
  const isOpen = storeS3Endpoint !== undefined && !isSafeEndpoint(storeS3Endpoint)
  return [
    ...unused.map(([env]) => `${env} says nothing without an s3:// URL in ${settings.storeUrl.env}`),
    (storeS3AccessKeyId === undefined) === (storeS3SecretAccessKey === undefined)
      ? undefined
      : `${id.env} and ${secret.env} are set together, or neither is`,
    isOpen && !config.plainHttpEndpoints
      ? `${endpoint.env} must be https://, or http:// on loopback; ${settings.plainHttpEndpoints.env}=true lets events and credentials leave in the clear`
      : undefined,
  ]
}

function webhookProblem({ webhookUrl, webhookSecret, webhookSecretFile }: Config): string | undefined {
  const secrets = [webhookSecret, webhookSecretFile].filter((given) => given !== undefined)
  if (secrets.length === (webhookUrl === undefined ? 0 : 1)) return undefined
  return `${settings.webhookUrl.env} is set together with one of ${settings.webhookSecret.env} and ${settings.webhookSecretFile.env}, or none of them is`
}
