/** Every parameter of `create` as an option; the server says what each may be. */
export const parameterOptions: readonly [flags: string, meaning: string][] = [
  ['--from-date <date>', 'first day to export, YYYY-MM-DD'],
  ['--to-date <date>', 'last day to export; without it the export goes on for ever'],
  ['--frequency <frequency>', 'daily or hourly'],
  ['--events <name...>', 'export these events only'],
  ['--s3-bucket <name>', 'bucket to export to'],
  ['--s3-region <region>', 'its region'],
  ['--s3-role <arn>', 'role that may write to it'],
  ['--s3-prefix <prefix>', 'prefix of every key'],
  ['--s3-encryption <encryption>', 'none, aes or kms'],
  ['--s3-kms-key-id <key>', 'KMS key, by ARN, id or alias ARN'],
  ['--type <type>', 'kind of pipeline (default: "s3-raw")'],
  ['--project-id <id>', "the project; it must be the secret's"],
  ['--data-source <source>', 'events'],
  ['--data-format <format>', 'json'],
  ['--sync <sync>', 'whether late data reaches days already exported'],
  ['--manifest <manifest>', "true: write each folder's manifest into the bucket too"],
  ['--trial <trial>', 'whether it is a trial'],
  ['--where <expression>', 'export only events that meet this segmentation expression'],
  ['--skip-check <skip>', 'true: create it even if the connection test of the destination would fail'],
]

/** Every parameter of `edit` but the name. */
export const editOptions: readonly [flags: string, meaning: string][] = [
  ['--events <name...>', "export these events only; '' for all"],
  ['--where <expression>', "export only events that meet this segmentation expression; '' for all"],
  ['--skip-check <skip>', 'true: edit it even if the connection test of its destination would fail'],
]

/** What was given of `create` on the command line, under the names of the API. */
export function createParameters(options: Record<string, unknown>): [name: string, value: string][] {
  const given = givenParameters(parameterOptions, options)
  return given.some(([name]) => name === 'type') ? given : [['type', 's3-raw'], ...given]
}

/** What was given of these options. */
export function givenParameters(
  known: readonly [flags: string, meaning: string][],
  options: Record<string, unknown>,
): [name: string, value: string][] {
  return known.flatMap(([flags]) => {
    const name = flags.slice(2, flags.indexOf(' '))
    const value = options[name.replaceAll(/-([a-z0-9])/g, (_dash, letter: string) => letter.toUpperCase())]
    if (value === undefined) return []
    return [value].flat().map((item): [string, string] => [name.replaceAll('-', '_'), String(item)])
  })
}
