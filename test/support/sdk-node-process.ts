/**
 * A program that tracks with the official SDK for Node, unchanged: every call it has. Arguments: the server's URL, token,
 * API secret, the time of its imports. Prints what each call was answered, as JSON: null, or the error's message.
 */
import Mixpanel from 'mixpanel'

const [url = '', token = '', secret = '', importedAt = ''] = process.argv.slice(2)
const { hostname, port, protocol } = new URL(url)
const config = { host: hostname, protocol: protocol.slice(0, -1), keepAlive: false }
// The SDK passes the port on; its types do not know it.
const withPort = { ...config, port: Number(port) } as typeof config
const client = Mixpanel.init(token, withPort)
const verbose = Mixpanel.init(token, { ...withPort, verbose: true, geolocate: true })
const server = Mixpanel.init(token, { ...withPort, secret })

const old = new Date(importedAt)
type Answer = (error: unknown) => void
const calls: Record<string, (answer: Answer) => void> = {
  track: (answer) =>
    client.track('Node tracked', { distinct_id: 'ann', plan: 'team', ip: '203.0.113.9' }, answer),
  'track, verbose': (answer) => verbose.track('Node tracked verbosely', { distinct_id: 'ann' }, answer),
  'track with a time': (answer) =>
    client.track('Node tracked then', { distinct_id: 'ann', time: new Date(Date.now() - 3_600_000) }, answer),
  'track, not in ASCII': (answer) =>
    client.track(
      'Grüße ☃ 🙈',
      { distinct_id: 'ünï', text: '"quoted" \\ \u0000', list: [1, { a: [true, null] }] },
      answer,
    ),
  track_batch: (answer) =>
    client.track_batch(
      Array.from({ length: 120 }, (_, index) => ({
        event: 'Node batched',
        properties: { distinct_id: 'bob', index },
      })),
      answer,
    ),
  import: (answer) => server.import('Node imported', old, { distinct_id: 'ann' }, answer),
  import_batch: (answer) =>
    server.import_batch(
      Array.from({ length: 60 }, (_, index) => ({
        event: 'Node imported in a batch',
        properties: { time: old, distinct_id: 'bob', $insert_id: `node-${index}`, index },
      })),
      answer,
    ),
  alias: (answer) => client.alias('ann', 'ann@example.com', answer),
  'people.set': (answer) => client.people.set('ann', { plan: 'team', $ip: '203.0.113.9' }, answer),
  'people.set_once': (answer) => client.people.set_once('ann', 'first', 'yes', answer),
  'people.increment': (answer) => client.people.increment('ann', 'visits', 2, answer),
  'people.append': (answer) => client.people.append('ann', 'pages', 'home', answer),
  'people.track_charge': (answer) => client.people.track_charge('ann', 25.5, {}, answer),
  'people.clear_charges': (answer) => client.people.clear_charges('ann', answer),
  'people.union': (answer) => client.people.union('ann', { tags: ['a', 'b', 'a'] }, answer),
  'people.remove': (answer) => client.people.remove('ann', { tags: 'b' }, answer),
  'people.unset': (answer) => client.people.unset('ann', 'first', answer),
  'people.set, another': (answer) => client.people.set('bob', 'plan', 'free', answer),
  'people.delete_user': (answer) => client.people.delete_user('bob', answer),
  'groups.set': (answer) => client.groups.set('company', 'acme', { seats: 5, $name: 'Acme' }, answer),
  'groups.set_once': (answer) => client.groups.set_once('company', 'acme', { since: 2024 }, answer),
  'groups.union': (answer) => client.groups.union('company', 'acme', { products: ['anvil', 'rope'] }, answer),
  'groups.remove': (answer) => client.groups.remove('company', 'acme', { products: 'rope' }, answer),
  'groups.unset': (answer) => client.groups.unset('company', 'acme', 'since', answer),
  'groups.set, another': (answer) => client.groups.set('company', 'gone', 'a', 1, answer),
  'groups.delete_group': (answer) => client.groups.delete_group('company', 'gone', answer),
}

const answers: Record<string, string | null> = {}
for (const [name, call] of Object.entries(calls)) {
  const error = await new Promise<unknown>((answer) => call(answer))
  answers[name] = error === undefined || error === null ? null : String(error)
}
process.stdout.write(JSON.stringify(answers))
