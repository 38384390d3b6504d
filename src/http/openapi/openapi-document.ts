/** The OpenAPI 3.1 document of what a project's credentials open below /api/2.0, made of the schemas that their routes check with. */
import { z } from 'zod'
import { errorAnswer } from '../contract/pipeline-answers.ts'
import { profilePageMax } from '../contract/profile-list.ts'
import { rawExportLimitMax } from '../contract/raw-export.ts'
import { parameterTexts } from './parameter-texts.ts'

/** A route as it was registered. */
export interface DescribedRoute {
  method: 'GET' | 'POST'
  /** From the server's root. */
  path: string
  parameters: z.ZodType
  answer: z.ZodType
}

type JsonSchema = z.core.JSONSchema.BaseSchema

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
  test: 'Test the connection to a destination, step by step',
  export: 'Download the events of a range of days, one a line',
  engage: 'List profiles, one a line, in pages; the header Link has the next one',
  setup: "What the customer's AWS account has to grant, filled in",
}

/** Names for generated functions, of calls whose own name is a reserved word or says something else. */
const operationIds: Record<string, string> = { export: 'exportEvents', engage: 'listProfiles' }

/** Of answers that are lines of JSON. */
const lineTypes: Record<string, string> = { export: 'text/plain', engage: 'application/x-ndjson' }

/** What parameters are that come as texts. One that differs in a call of its own stands under `call/name`. */
const wireForms: Record<string, JsonSchema> = {
  project_id: { type: 'integer', minimum: 1 },
  limit: { type: 'integer', minimum: 1, maximum: rawExportLimitMax },
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
      title: 'Penstock: Data Pipelines API, Raw Export API and profiles',
      version: '1.0.0',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      description:
        'Exports of a project’s events to S3, and as a download; its profiles. A form’s repeated keys and a JSON list mean the same; an empty value counts as absent, but in edit.',
    },
    security: [{ credentials: [] }],
    paths,
    components: {
      securitySchemes: {
        credentials: {
          type: 'http',
          scheme: 'basic',
          description:
            "The project's API secret as user name with an empty password, or a service account's user name and secret.",
        },
      },
      schemas: { Error: jsonSchema(errorAnswer, 'output') },
    },
  }
}

/** A call by its name; one that is taken by GET and by POST has two operations. */
function operationId({ method, path }: DescribedRoute, routes: readonly DescribedRoute[]): string {
  const isSecond = method === 'POST' && routes.some((other) => other.path === path && other.method === 'GET')
  return `${operationIds[callOf(path)] ?? callOf(path)}${isSecond ? 'ByPost' : ''}`
}

function callOf(path: string): string {
  return path.split('/').at(-1) ?? ''
}

function operation({ method, path, parameters, answer }: DescribedRoute, id: string): object {
  const call = callOf(path)
  const form = parametersSchema(call, parameters)
  const errors = Object.entries({ ...failures, ...(furtherFailures[call] ?? pipelineFailures) }).map(
    ([status, description]) => [
      status,
      { description, content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } } },
    ],
  )
  return {
    operationId: id,
    summary: summaries[call] ?? id,
    ...(method === 'GET' ? { parameters: queryParameters(form) } : { requestBody: formBody(form) }),
    responses: {
      200: {
        description: 'Done.',
        content: { [lineTypes[call] ?? 'application/json']: { schema: jsonSchema(answer, 'output') } },
      },
      ...Object.fromEntries(errors),
    },
  }
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
