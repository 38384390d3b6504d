import type { SchemaAnswer } from '../api/answers.ts'
import { Bars } from '../parts/bars.tsx'
import { count, percent } from '../words/amounts.ts'
import { addDays } from '../words/times.ts'

interface Props {
  described: SchemaAnswer['events'][number]
  from: string
  to: string
}

/** One event name: its days, and its properties when opened. */
export function DescribedEvent({ described, from, to }: Props) {
  const { event, count: all, exact, sampled, properties, days } = described
  return (
    <li>
      <details>
        <summary>
          <strong className="break">{event}</strong>
          <span className="num soft nowrap" title={exact ? undefined : 'counted by a sample'}>
            {!exact && '≈ '}
            {count(all)}
          </span>
          <Bars values={everyDay(days, from, to)} label={`${event} a day, ${from} to ${to}`} />
        </summary>
        <table className="num">
          <thead>
            <tr>
              <th scope="col">Property</th>
              <th scope="col">Types</th>
              <th scope="col" className="right">
                In
              </th>
            </tr>
          </thead>
          <tbody>
            {properties.map(({ name, types }) => {
              const seen = Object.values(types).reduce((sum, number) => sum + number, 0)
              return (
                <tr key={name}>
                  <th scope="row">
                    <code className="break">{name}</code>
                  </th>
                  <td>{Object.keys(types).join(', ')}</td>
                  <td className="right">{percent(seen, sampled)} %</td>
                </tr>
              )
            })}
          </tbody>
        </table>
        <p className="soft sampled">Properties of {count(sampled)} events that were looked at.</p>
      </details>
    </li>
  )
}

/** Days without events are left out of the answer; a chart needs them. Pure. */
function everyDay(days: Props['described']['days'], from: string, to: string): number[] {
  const counts = new Map(days.map(({ date, count: number }) => [date, number]))
  const all: number[] = []
  for (let date = from; date <= to; date = addDays(date, 1)) all.push(counts.get(date) ?? 0)
  return all
}
