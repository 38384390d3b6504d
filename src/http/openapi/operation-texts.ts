/** What the OpenAPI document says of each call; one of a method's own stands under `METHOD call`. */

const summaries: Record<string, string> = {
  create: 'Create a pipeline',
  edit: 'Change which events a pipeline exports from its next runs on',
  pause: 'Stop what runs, and begin nothing more',
  resume: 'Go on where it stopped, what was missed included',
  cancel: 'Stop and remove a pipeline; what it exported stays',
  jobs: "List a project's pipelines",
  status: "List a pipeline's runs by state, or count them",
  timeline: 'List the days of a pipeline, and when they were exported and synced',
  manifest: 'What a finished folder consists of: files, events, bytes, checksums',
  test: 'Test the connection to a destination, step by step; with Accept: application/x-ndjson as lines while it runs',
  folders:
    'List the folders of a range of days, or sum them up by days or months, with what is delivered and what is not',
  history: 'What was tried for a folder, and what became of it',
  watch:
    'Server-sent events (pipeline, folder, late, end) of what happens to a pipeline, as long as the request is kept open',
  preview: 'The newest stored events that a selection has',
  estimate: 'How much a pipeline of these days would export at once, and how long that would take',
  recent: "One user's last events",
  live: 'Server-sent events (hello, arrivals, refusals, end) of what clients send and are refused, as long as the request is kept open',
  schema: 'Which events there are, how many a day, and with which properties',
  verify: 'Read a folder back from its bucket and hold it against the store',
  export: 'Download the events of a range of days, one a line',
  engage: 'List profiles, one a line, in pages; the header Link has the next one',
  setup: "What the customer's AWS account has to grant, filled in",
  'POST session': 'Sign in at the console: sets the cookie of a session',
  'GET session': 'Who is signed in, and which projects that opens',
  'DELETE session': 'Sign out: the session is over everywhere',
  'GET installation': 'Whether there is a project',
  'POST installation': 'Make the first project, while there is none, and sign in to it',
}

/** Names for generated functions, of calls whose own name is a reserved word or says something else. */
const operationIds: Record<string, string> = {
  export: 'exportEvents',
  engage: 'listProfiles',
  recent: 'recentEvents',
  schema: 'describeEvents',
  watch: 'watchPipeline',
  live: 'watchEvents',
  'POST session': 'signIn',
  'GET session': 'readSession',
  'DELETE session': 'signOut',
  'GET installation': 'readInstallation',
  'POST installation': 'setUp',
}

/** Of answers that are no JSON document. */
const answerTypes: Record<string, string> = {
  export: 'text/plain',
  engage: 'application/x-ndjson',
  watch: 'text/event-stream',
  live: 'text/event-stream',
}

interface Call {
  method: string
  path: string
}

export function summaryOf(call: Call): string | undefined {
  return textOf(summaries, call)
}

export function operationIdOf(call: Call): string | undefined {
  return textOf(operationIds, call)
}

export function answerTypeOf(call: Call): string {
  return textOf(answerTypes, call) ?? 'application/json'
}

export function nameOf({ path }: Pick<Call, 'path'>): string {
  return path.split('/').at(-1) ?? ''
}

function textOf(texts: Record<string, string>, call: Call): string | undefined {
  const name = nameOf(call)
  return texts[`${call.method} ${name}`] ?? texts[name]
}
