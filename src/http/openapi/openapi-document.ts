/** The OpenAPI 3.1 document of what a project's credentials open, made of the schemas that its routes check with. */
import { z } from 'zod'
import { searchedEventsMax } from '../contract/event-search.ts'
import { errorAnswer } from '../contract/pipeline-answers.ts'
import { profilePageMax } from '../contract/profile-list.ts'
import { rawExportLimitMax } from '../contract/raw-export.ts'
import { answerTypeOf, nameOf, operationIdOf, summaryOf } from './operation-texts.ts'
import { parameterTexts } from './parameter-texts.ts'

/** A route as it was registered. */
export interface DescribedRoute {
  method: 'GET' | 'POST' | 'DELETE'
  /** From the server's root. */
  path: string
  parameters: z.ZodType
  answer: z.ZodType
}

type JsonSchema = z.core.JSONSchema.BaseSchema

/** What parameters are that come as texts. One that differs in a call of its own stands under `call/name`. */
const wireForms: Record<string, JsonSchema> = {
  project_id: { type: 'integer', minimum: 1 },
  limit: { type: 'integer', minimum: 1, maximum: rawExportLimitMax },
  'preview/limit': { type: 'integer', minimum: 1, maximum: searchedEventsMax },
  'recent/limit': { type: 'integer', minimum: 1, maximum: searchedEventsMax },
  'engage/limit': { type: 'integer', minimum: 1, maximum: profilePageMax },
  time_in_ms: { type: 'boolean' },
}

const failures: Record<number, string> = {
  400: 'A parameter or the body is wrong; the sentence says which and what is allowed.',
  401: 'The credentials are missing or not known.',
  403: 'The credentials are known and not allowed to do this.',
  500: 'An unexpected error; the server has logged it.',
  503: 'Something that is needed is away for the moment; try again.',
}

const pipelineFailures: Record<number, string> = {
  404: 'The project has no such pipeline.',
  409: 'A limit of the project, folders that another pipeline writes, or what can’t be done to a trial.',
  413: 'The body is too large.',
  415: 'The body is neither a form nor JSON.',
  422: 'The destination refuses; connection_test says at which step, and what to change.',
}

/** Of calls that are not of pipelines. */
const furtherFailures: Record<string, Record<number, string>> = {
  export: {
    429: 'The project has asked as often as it may; the sentence says what is used and allowed, Retry-After when to come back.',
  },
  engage: {},
  recent: {},
  schema: {},
  live: {
    429: 'As many streams are open as may be at once; Retry-After says when to come back.',
  },
  watch: {
    ...pipelineFailures,
    429: 'As many streams are open as may be at once; Retry-After says when to come back.',
  },
  verify: {
    ...pipelineFailures,
    429: 'As many folders are being verified as may be at once; Retry-After says when to come back.',
  },
  session: {
    429: 'There were too many attempts to sign in; Retry-After says when to come back.',
  },
  installation: {
    409: 'There is a project already.',
    429: 'There were too many attempts to set up; Retry-After says when to come back.',
  },
}

export function openApiDocument(routes: readonly DescribedRoute[]) {
  const paths: Record<string, Record<string, object>> = {}
  for (const route of routes) {
    const operations = paths[route.path] ?? {}
    operations[route.method.toLowerCase()] = operation(route, operationId(route, routes))
    paths[route.path] = operations
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Penstock: Data Pipelines API, Raw Export API, profiles and what the console shows',
      version: '1.0.0',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      description:
        'Exports of a project’s events to S3, and as a download; its profiles. A form’s repeated keys and a JSON list mean the same; an empty value counts as absent, but in edit.',
    },
    security: [{ credentials: [] }, { session: [] }],
    paths,
    components: {
      securitySchemes: {
        credentials: {
          type: 'http',
          scheme: 'basic',
          description:
            "The project's API secret as user name with an empty password, or a service account's user name and secret.",
        },
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: 'penstock',
          description:
            'A session of the console; over HTTPS the cookie is __Host-penstock. Every call but GET and HEAD then needs the header X-Penstock-Console: 1, and must come from a page of the server.',
        },
      },
      schemas: { Error: jsonSchema(errorAnswer, 'output') },
    },
  }
}

/** A call by its name; one that is taken by GET and by POST has two operations. */
function operationId(route: DescribedRoute, routes: readonly DescribedRoute[]): string {
  const named = operationIdOf(route)
  const { method, path } = route
  const isSecond = method === 'POST' && routes.some((other) => other.path === path && other.method === 'GET')
  return named ?? `${nameOf(route)}${isSecond ? 'ByPost' : ''}`
}

function operation(route: DescribedRoute, id: string): object {
  const { method, parameters, answer } = route
  const call = nameOf(route)
  const form = parametersSchema(call, parameters)
  const errors = Object.entries({ ...failures, ...(furtherFailures[call] ?? pipelineFailures) }).map(
    ([status, description]) => [
      status,
      { description, content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } } },
    ],
  )
  return {
    operationId: id,
    summary: summaryOf(route) ?? id,
    ...(isOpen(route) ? { security: [] } : {}),
    ...(method === 'POST' ? { requestBody: formBody(form) } : { parameters: queryParameters(form) }),
    responses: {
      200: {
        description: 'Done.',
        content: { [answerTypeOf(route)]: { schema: jsonSchema(answer, 'output') } },
      },
      ...Object.fromEntries(errors),
    },
  }
}

/** Whoever calls it has no credentials yet. */
function isOpen({ method, path }: DescribedRoute): boolean {
  return path === '/console/installation' || (method === 'POST' && path === '/console/session')
}

function queryParameters({ properties = {}, required = [] }: JsonSchema): object[] {
  return Object.entries(properties).map(([name, property]) => {
    const { description, ...schema } = property as JsonSchema
    return { name, in: 'query', required: required.includes(name), description, schema }
  })
}

function formBody(schema: JsonSchema): object {
  return {
    required: true,
    // JSON first: clients that generators make take the first form, and in JSON every one of them sends lists alike.
    content: { 'application/json': { schema }, 'application/x-www-form-urlencoded': { schema } },
  }
}

function parametersSchema(call: string, parameters: z.ZodType): JsonSchema {
  const schema = jsonSchema(parameters, 'input')
  const properties = Object.entries(schema.properties ?? {}).map(([name, property]) => {
    const form = wireForms[`${call}/${name}`] ?? wireForms[name] ?? (property as JsonSchema)
    const description = parameterTexts[`${call}/${name}`] ?? parameterTexts[name] ?? name
    return [name, { ...form, description }]
  })
  return { ...schema, properties: Object.fromEntries(properties) }
}

function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
  const { $schema: _, ...described } = z.toJSONSchema(schema, {
    io,
    override: ({ jsonSchema: part }) => {
      // A format says it; the pattern behind it fills a screen. So do the bounds of whole numbers.
      if (part.format !== undefined) delete part.pattern
      if (part.minimum === Number.MIN_SAFE_INTEGER) delete part.minimum
      if (part.maximum === Number.MAX_SAFE_INTEGER) delete part.maximum
    },
  })
  return described
}
