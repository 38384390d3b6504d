import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { nextRunState, runEvents, runStates, transition } from './run-state.ts'

test('docs/run-states.md and the code have the same table, every state and every event', () => {
  const documented = readTable(readFileSync(new URL('../../../docs/run-states.md', import.meta.url), 'utf8'))
  const coded = runStates.flatMap((state) =>
    runEvents.map((event) => [`${state} + ${event}`, nextRunState(state, event)]),
  )
  expect(documented).toEqual(Object.fromEntries(coded))
})

test('every event of the table is explained', () => {
  const page = readFileSync(new URL('../../../docs/run-states.md', import.meta.url), 'utf8')
  for (const event of runEvents)
    expect(page).toMatch(new RegExp(`^\\| ${event} \\| [^|]+ \\| [^|]+ \\|$`, 'm'))
})

test('each event leads to one state, whichever state it finds', () => {
  for (const event of runEvents) {
    const { from, to } = transition(event)
    expect(new Set(from.map((state) => nextRunState(state, event)))).toEqual(new Set([to]))
  }
})

test('what has succeeded is never touched again, but by a repair', () => {
  expect(runEvents.filter((event) => nextRunState('succeeded', event) !== 'refused')).toEqual(['repair'])
})

test('no event but a cancellation leads out of a canceled run, and no run is stuck for ever', () => {
  expect(runEvents.filter((event) => nextRunState('canceled', event) !== 'refused')).toEqual(['let_go'])
  for (const state of ['pending', 'running', 'retried', 'failed', 'timed_out'] as const) {
    expect(reachable(state)).toContain('succeeded')
  }
})

/** Every state that some sequence of events leads to. */
function reachable(start: (typeof runStates)[number]): Set<string> {
  const seen = new Set([start])
  for (const state of seen) {
    for (const event of runEvents) {
      const next = nextRunState(state, event)
      if (next !== 'refused') seen.add(next)
    }
  }
  return seen
}

/** The Markdown table whose header starts with `| state |`, as `state + event` → next. */
function readTable(page: string): Record<string, string> {
  const lines = page.split('\n')
  const start = lines.findIndex((line) => line.startsWith('| state |'))
  const cells = (line: string) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim())
  const [, ...events] = cells(lines[start] ?? '')
  const table: Record<string, string> = {}
  for (let row = start + 2; lines[row]?.startsWith('|'); row++) {
    const [state, ...nexts] = cells(lines[row] ?? '')
    events.forEach((event, index) => {
      table[`${state} + ${event}`] = nexts[index] ?? ''
    })
  }
  return table
}
