/** The states of a run and everything that may happen to it; docs/run-states.md holds the same table in words. */

/** `sync`: what came in late is added to a folder that is exported already. */
export const runKinds = ['export', 'sync'] as const
export type RunKind = (typeof runKinds)[number]

export const runStates = [
  'pending',
  'running',
  'retried',
  'failed',
  'canceled',
  'timed_out',
  'succeeded',
] as const

export type RunState = (typeof runStates)[number]

/** What an attempt is at: finding out what the folder consists of, writing its files, leaving it whole. */
export const runSteps = ['planning', 'writing', 'finishing'] as const
export type RunStep = (typeof runSteps)[number]

/** Somebody will work the run, or does. */
export const waitingOrWorking: readonly RunState[] = ['pending', 'running', 'retried']
/** Nobody will, unless its owner says so. */
export const finishedStates: readonly RunState[] = ['failed', 'timed_out', 'succeeded']

export const runEvents = [
  'claim',
  'succeed',
  'retry',
  'exhaust',
  'refuse',
  'time_out',
  'hand_back',
  'lose',
  'cancel',
  'let_go',
  'requeue',
  'repair',
] as const

export type RunEvent = (typeof runEvents)[number]

type Transitions = Record<RunState, Record<RunEvent, RunState | 'refused'>>

const nothing = {
  claim: 'refused',
  succeed: 'refused',
  retry: 'refused',
  exhaust: 'refused',
  refuse: 'refused',
  time_out: 'refused',
  hand_back: 'refused',
  lose: 'refused',
  cancel: 'refused',
  let_go: 'refused',
  requeue: 'refused',
  repair: 'refused',
} as const satisfies Transitions[RunState]

/** Every state and every event. Each event leads to one state, whichever it came from. */
const runTransitions: Transitions = {
  pending: { ...nothing, claim: 'running', cancel: 'canceled', requeue: 'pending' },
  running: {
    ...nothing,
    // Only once the lease of the worker that holds it has run out.
    claim: 'running',
    succeed: 'succeeded',
    retry: 'retried',
    exhaust: 'failed',
    refuse: 'failed',
    time_out: 'timed_out',
    hand_back: 'pending',
    lose: 'retried',
    cancel: 'canceled',
  },
  retried: { ...nothing, claim: 'running', cancel: 'canceled', requeue: 'pending' },
  failed: { ...nothing, requeue: 'pending', repair: 'pending' },
  canceled: { ...nothing, let_go: 'canceled' },
  timed_out: { ...nothing, requeue: 'pending', repair: 'pending' },
  succeeded: { ...nothing, repair: 'pending' },
}

/** Pure: what `event` makes of a run in `state`, or that it is refused. */
export function nextRunState(state: RunState, event: RunEvent): RunState | 'refused' {
  return runTransitions[state][event]
}

/** The states that a guarded UPDATE for `event` accepts, and the one that it sets. */
export function transition(event: RunEvent): { from: RunState[]; to: RunState } {
  const from = runStates.filter((state) => nextRunState(state, event) !== 'refused')
  const [to] = from.map((state) => nextRunState(state, event))
  if (to === undefined || to === 'refused') throw new Error(`no state allows ${event}`)
  return { from, to }
}
