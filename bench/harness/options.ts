import { parseArgs } from 'node:util'

export interface RunOptions {
  quick: boolean
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
      json: { type: 'boolean', default: false },
      record: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true, default: [] },
    },
  })
  const only = [...values.only, ...positionals]
  const unknown = only.find((name) => !known.includes(name))
  if (unknown !== undefined) throw new Error(`no measure is named ${unknown}; there are ${known.join(', ')}`)
  return { quick: values.quick, json: values.json, record: values.record, only }
}
