import { parseArgs } from 'node:util'

export interface RunOptions {
  quick: boolean
  /** The sizes that take hours. */
  long: boolean
  json: boolean
  /** Keep the results in bench/results/. */
  record: boolean
  /** Empty: every measure. */
  only: string[]
}

/** Throws where an option or a measure's name is unknown. `--only` takes names behind it, and may stand again. */
export function readOptions(args: string[], known: readonly string[]): RunOptions {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      long: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      record: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true, default: [] },
    },
  })
  const only = [...values.only, ...positionals]
  const unknown = only.find((name) => !known.includes(name))
  if (unknown !== undefined) throw new Error(`no measure is named ${unknown}; there are ${known.join(', ')}`)
  const { quick, long, json, record } = values
  if (quick && long) throw new Error('--quick and --long exclude each other')
  if (quick && record) throw new Error('--quick measures nothing that is worth a --record')
  return { quick, long, json, record, only }
}
