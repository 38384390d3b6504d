/** Expressions of Prometheus, by its own grammar: what they ask for. */
import { parser } from '@prometheus-io/lezer-promql'

/** The names of series that an expression selects; throws where it is no PromQL. */
export function seriesIn(expression: string): string[] {
  const names: string[] = []
  parser.parse(expression).iterate({
    enter: ({ type, name, from, to }) => {
      if (type.isError) throw new Error(`no PromQL at ${from}: ${expression}`)
      if (name === 'VectorSelector') {
        const [selected = ''] = /^[\w:]+/.exec(expression.slice(from, to)) ?? []
        names.push(selected)
      }
    },
  })
  return names
}

/** Labels that an expression matches or groups by. */
export function labelsIn(expression: string): string[] {
  const labels: string[] = []
  parser.parse(expression).iterate({
    enter: ({ name, from, to }) => {
      if (name === 'LabelName') labels.push(expression.slice(from, to))
    },
  })
  return labels
}
