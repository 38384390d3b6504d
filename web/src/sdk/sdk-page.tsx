import '../parts/tabs.css'
import './sdk.css'
import { Content, List, Root, Trigger } from '@radix-ui/react-tabs'
import { Link } from '@tanstack/react-router'
import { EventList } from '../events/event-list.tsx'
import { useLive } from '../events/use-live.ts'
import { CopiedText } from '../parts/copied-text.tsx'
import { useProject } from '../shell/current-project.ts'
import { useTitle } from '../shell/use-title.ts'
import { snippets } from './snippets.ts'

/** What to paste into an app, and a light that turns green when its first event is here. */
export function SdkPage() {
  const { name, token, project_id: id, timezone } = useProject()
  useTitle(`Set up SDKs for ${name}`)
  return (
    <div className="stack sdk">
      <h1>Set up SDKs</h1>
      <FirstEvent />
      <section className="card" aria-label="Snippets">
        <div className="body">
          <dl className="facts">
            <dt>Host</dt>
            <dd>
              <code>{location.origin}</code>
            </dd>
            <dt>Token</dt>
            <dd>
              <code className="break">{token}</code>{' '}
              <span className="soft">not secret: it stands in pages and apps</span>
            </dd>
            <dt>Project</dt>
            <dd>
              {id}, days of {timezone}
            </dd>
          </dl>
          <Root defaultValue="curl">
            <List className="tabs" aria-label="Languages">
              {snippets({ origin: location.origin, token }).map(({ title }) => (
                <Trigger key={title} value={title}>
                  {title}
                </Trigger>
              ))}
            </List>
            {snippets({ origin: location.origin, token }).map(({ title, text }) => (
              <Content key={title} value={title} className="tab">
                <CopiedText title={title} text={text} />
              </Content>
            ))}
          </Root>
        </div>
      </section>
    </div>
  )
}

function FirstEvent() {
  const { projectId } = useProject()
  const { hello, arrived, newest } = useLive(projectId)
  const here = hello?.has_events === true || arrived > 0
  const [latest] = newest
  return (
    <section className="card" aria-label="First event">
      <div className="body stack">
        <div className="light-line" role="status">
          <span className={here ? 'light on' : 'light'} aria-hidden="true" />
          <strong>{here ? 'Events are arriving here' : 'Waiting for the first event…'}</strong>
          {here && (
            <Link to="/console/projects/$projectId/events" params={{ projectId }}>
              See them live
            </Link>
          )}
        </div>
        {latest !== undefined && <EventList events={[latest]} />}
      </div>
    </section>
  )
}
