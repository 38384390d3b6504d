/** What to paste to send events to this host as this project. Pure. */

export interface Snippet {
  title: string
  text: string
}

interface Target {
  /** Of this page: events go to the same server. */
  origin: string
  token: string
}

export function snippets({ origin, token }: Target): Snippet[] {
  const { hostname, protocol, port } = new URL(origin)
  return [
    {
      title: 'curl',
      text: `curl '${origin}/track?verbose=1' -H 'Content-Type: application/json' \\
  -d '[{"event": "First event", "properties": {"token": "${token}", "distinct_id": "me"}}]'`,
    },
    {
      title: 'Browser',
      text: `import mixpanel from 'mixpanel-browser'

mixpanel.init('${token}', { api_host: '${origin}' })
mixpanel.track('First event')`,
    },
    {
      title: 'Node',
      text: `import Mixpanel from 'mixpanel'

const mixpanel = Mixpanel.init('${token}', {
  host: '${hostname}',${port === '' ? '' : `\n  port: ${port},`}
  protocol: '${protocol.slice(0, -1)}',
})
mixpanel.track('First event', { distinct_id: 'me' })`,
    },
    {
      title: 'Python',
      text: `from mixpanel import Consumer, Mixpanel

mixpanel = Mixpanel('${token}', consumer=Consumer(
    events_url='${origin}/track', people_url='${origin}/engage',
    groups_url='${origin}/groups', import_url='${origin}/import'))
mixpanel.track('me', 'First event')`,
    },
    {
      title: 'Swift',
      text: `import Mixpanel

Mixpanel.initialize(token: "${token}", trackAutomaticEvents: false, serverURL: "${origin}")
Mixpanel.mainInstance().track(event: "First event")`,
    },
    {
      title: 'Files',
      text: `penstock import events.ndjson --url '${origin}' --secret "$API_SECRET"`,
    },
  ]
}
