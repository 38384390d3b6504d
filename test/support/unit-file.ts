/** What a systemd unit says of a service, as far as starting it as a process takes. */
import { readFileSync } from 'node:fs'

export interface UnitService {
  args: string[]
  program: string
  env: Record<string, string>
  environmentFiles: string[]
}

/** @param instance stands for `%i` of a template */
export function readUnit(path: string, instance = ''): UnitService {
  const lines = readFileSync(path, 'utf8').replaceAll('%i', instance).split('\n')
  const values = (key: string) =>
    lines.filter((line) => line.startsWith(`${key}=`)).map((line) => line.slice(key.length + 1))
  const [program = '', ...args] = values('ExecStart')[0]?.split(' ') ?? []
  return {
    ...{ program, args },
    env: parseEnv(values('Environment').join('\n')),
    environmentFiles: values('EnvironmentFile').map((file) => file.replace(/^-/, '')),
  }
}

/** `NAME=value` lines, as in an EnvironmentFile. */
export function parseEnv(text: string): Record<string, string> {
  const pairs = [...text.matchAll(/^(\w+)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value])
  return Object.fromEntries(pairs)
}
