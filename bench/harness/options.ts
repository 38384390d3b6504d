import { parseArgs } from 'node:util'

export interface RunOptions {
  quick: boolean
  /** No measure begins later than so many minutes after the start. */
  minutes: number
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
      minutes: { type: 'string', default: 'Infinity' },
      json: { type: 'boolean', default: false },
      record: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true, default: [] },
    },
  })
  const only = [...values.only, ...positionals]
  const unknown = only.find((name) => !known.includes(name))
  if (unknown !== undefined) throw new Error(`no measure is named ${unknown}; there are ${known.join(', ')}`)
  const { quick, json, record } = values
  const minutes = Number(values.minutes)
  if (!(minutes > 0)) throw new Error('--minutes takes a number above 0')
  if (quick && record) throw new Error('--quick measures nothing that is worth a --record')
  return { quick, minutes, json, record, only }
}
