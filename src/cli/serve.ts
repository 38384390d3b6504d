import { type Command, InvalidArgumentError } from 'commander'
import { readConfig } from '../config/read-config.ts'
import type { Setting } from '../config/settings/setting.ts'
import { settingsByTheme } from '../config/settings.ts'
import type { OutputOptions } from './output.ts'

const allRoles = ['api', 'scheduler', 'worker'] as const
type Role = (typeof allRoles)[number]

export function registerServe(program: Command): void {
  program
    .command('serve')
    .description('Take events in and export them, until SIGTERM')
    .option('--roles <list>', `what this process does, of ${allRoles.join(',')}`, parseRoles, [...allRoles])
    .option('--json', 'print one JSON document')
    .addHelpText('after', settingsHelp)
    .action(async (options: OutputOptions & { roles: Role[] }) => {
      // Every setting is checked before anything is started.
      const config = readConfig(process.env)
      const { serve } = await import('../serve.ts')
      await serve(config, options)
    })
}

function parseRoles(text: string): Role[] {
  const roles = text.split(',').map((role) => role.trim())
  const unknown = roles.find((role) => !(allRoles as readonly string[]).includes(role))
  if (unknown !== undefined)
    throw new InvalidArgumentError(`${unknown} is not one of ${allRoles.join(', ')}.`)
  return allRoles.filter((role) => roles.includes(role))
}

function settingsHelp(): string {
  const themes = Object.entries<Record<string, Setting>>(settingsByTheme)
  return [
    '',
    'Settings, from the environment:',
    ...themes.flatMap(([theme, settings]) => ['', `${theme}:`, ...Object.values(settings).map(helpOf)]),
    '',
    'Identity and endpoints of AWS:',
    '  AWS_*',
    '      the identity and the endpoints of destinations, as every AWS SDK reads them',
  ].join('\n')
}

function helpOf({ env, meaning, default: value }: Setting): string {
  const shown = value === undefined ? '' : ` (default: ${String(value)})`
  return `  ${env}\n      ${meaning}${shown}`
}
