/** Every page and its address. Each page's code is loaded when it is asked for. */
import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
} from '@tanstack/react-router'
import { FirstProject } from './shell/first-project.tsx'
import { NothingHere, PageFailed } from './shell/page-failed.tsx'
import { ProjectFrame } from './shell/project-frame.tsx'
import { SignInPage } from './sign-in/sign-in-page.tsx'

const root = createRootRoute({ component: Outlet, notFoundComponent: NothingHere })

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

const home = createRoute({ getParentRoute: () => root, path: '/', component: FirstProject })

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/console/sign-in',
  component: SignInPage,
  validateSearch: (search: Record<string, unknown>): { next?: string } => {
    // A path of this page and nothing else: a link must not lead elsewhere once somebody has signed in.
    const next = text(search.next)
    return next !== undefined && /^\/(?![/\\])/.test(next) ? { next } : {}
  },
})

const setUp = createRoute({
  getParentRoute: () => root,
  path: '/console/setup',
  component: lazyRouteComponent(() => import('./set-up/set-up-page.tsx'), 'SetUpPage'),
})

const project = createRoute({
  getParentRoute: () => root,
  path: '/console/projects/$projectId',
  component: ProjectFrame,
})

const pipelines = createRoute({
  getParentRoute: () => project,
  path: '/pipelines',
  component: lazyRouteComponent(() => import('./pipelines/pipelines-page.tsx'), 'PipelinesPage'),
})

const newPipeline = createRoute({
  getParentRoute: () => project,
  path: '/pipelines/new',
  component: lazyRouteComponent(() => import('./new-pipeline/new-pipeline-page.tsx'), 'NewPipelinePage'),
})

/** What of a pipeline's page an address keeps. */
interface PipelineSearch {
  /** The first month that is shown, `2024-02`. */
  month?: string
  view?: 'table'
  /** The open folder: `2024-02-20`, or `2024-02-20T07`. */
  folder?: string
  part?: 'files' | 'history' | 'verification'
}

const parts = ['files', 'history', 'verification'] as const

const pipeline = createRoute({
  getParentRoute: () => project,
  path: '/pipelines/$name',
  component: lazyRouteComponent(() => import('./pipeline/pipeline-page.tsx'), 'PipelinePage'),
  validateSearch: (search: Record<string, unknown>): PipelineSearch => {
    const month = text(search.month)?.match(/^\d{4}-\d{2}$/)?.[0]
    const folder = text(search.folder)?.match(/^\d{4}-\d{2}-\d{2}(T\d{2})?$/)?.[0]
    const part = parts.find((known) => known === search.part)
    return {
      ...(month === undefined ? {} : { month }),
      ...(search.view === 'table' ? { view: 'table' as const } : {}),
      ...(folder === undefined ? {} : { folder }),
      ...(part === undefined ? {} : { part }),
    }
  },
})

const live = createRoute({
  getParentRoute: () => project,
  path: '/events',
  component: lazyRouteComponent(() => import('./events/live-page.tsx'), 'LivePage'),
})

const users = createRoute({
  getParentRoute: () => project,
  path: '/events/users',
  component: lazyRouteComponent(() => import('./events/users-page.tsx'), 'UsersPage'),
  validateSearch: (search: Record<string, unknown>): { user?: string } => {
    const user = text(search.user) ?? (typeof search.user === 'number' ? String(search.user) : undefined)
    return user === undefined ? {} : { user }
  },
})

const schema = createRoute({
  getParentRoute: () => project,
  path: '/events/schema',
  component: lazyRouteComponent(() => import('./events/schema-page.tsx'), 'SchemaPage'),
})

const sdk = createRoute({
  getParentRoute: () => project,
  path: '/sdk',
  component: lazyRouteComponent(() => import('./sdk/sdk-page.tsx'), 'SdkPage'),
})

const tree = root.addChildren([
  home,
  signIn,
  setUp,
  project.addChildren([pipelines, newPipeline, pipeline, live, users, schema, sdk]),
])

export function createConsoleRouter() {
  return createRouter({
    routeTree: tree,
    defaultPreload: 'intent',
    defaultErrorComponent: PageFailed,
    scrollRestoration: true,
  })
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createConsoleRouter>
  }
}
