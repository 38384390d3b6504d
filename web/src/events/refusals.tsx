import type { Refusal } from '../api/answers.ts'
import { WideTable } from '../parts/wide-table.tsx'
import { count } from '../words/amounts.ts'

/** What clients were refused: why, how often, and when last. */
export function Refusals({ refusals }: { refusals: Refusal[] }) {
  return (
    <section className="card" aria-labelledby="refused">
      <header>
        <h2 id="refused">Refused</h2>
        <span className="soft">as the clients were told; nothing of the events is kept</span>
      </header>
      {refusals.length === 0 ? (
        <p className="body soft">Nothing was refused.</p>
      ) : (
        <WideTable label="Refusals" className="num">
          <thead>
            <tr>
              <th scope="col">Call</th>
              <th scope="col">Field</th>
              <th scope="col">Why</th>
              <th scope="col" className="right">
                Times
              </th>
              <th scope="col">Last</th>
            </tr>
          </thead>
          <tbody>
            {refusals.map(({ id, path, field, message, count: times, last_at: last }) => (
              <tr key={id}>
                <td>
                  <code>{path}</code>
                </td>
                <td>{field === null ? 'the whole request' : <code>{field}</code>}</td>
                <td className="break">{message}</td>
                <td className="right">{count(times)}</td>
                <td className="nowrap soft">{last.slice(0, 19).replace('T', ' ')} UTC</td>
              </tr>
            ))}
          </tbody>
        </WideTable>
      )}
    </section>
  )
}
