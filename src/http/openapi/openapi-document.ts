/** The OpenAPI 3.1 document of the Data Pipelines and the Raw Export API, made of the schemas that their routes check with. */
import { z } from 'zod'
import { errorAnswer } from '../contract/pipeline-answers.ts'
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
  setup: "What the customer's AWS account has to grant, filled in",
}

/** What parameters are that come as texts. */
const wireForms: Record<string, JsonSchema> = {
  project_id: { type: 'integer', minimum: 1 },
  limit: { type: 'integer', minimum: 1, maximum: rawExportLimitMax },
  time_in_ms: { type: 'boolean' },
}

const failures: Record<number, string> = {
  400: 'A parameter or the body is wrong; the sentence says which and what is allowed.',
  401: 'The credentials are missing or not known.',
  403: 'The credentials are known and not allowed to do this.',
  503: 'Something that is needed is away for the moment; try again.',
}

const pipelineFailures: Record<number, string> = {
  404: 'The project has no such pipeline.',
  409: 'A limit of the project, folders that another pipeline writes, or what can’t be done to a trial.',
  413: 'The body is too large.',
  415: 'The body is neither a form nor JSON.',
  422: 'The destination refuses; connection_test says at which step, and what to change.',
  429: 'As many connection tests are under way as may be; Retry-After says when to come back.',
}

const exportFailures: Record<number, string> = {
  429: 'The project has asked as often as it may; the sentence says what is used and allowed, Retry-After when to come back.',
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
      title: 'Penstock: Data Pipelines API and Raw Export API',
      version: '1.0.0',
      description:
        'Exports of a project’s events to S3, and as a download. A form’s repeated keys and a JSON list mean the same; an empty value counts as absent, but in edit.',
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
  return `${callOf(path)}${isSecond ? 'ByPost' : ''}`
}

function callOf(path: string): string {
  return path.split('/').at(-1) ?? ''
}

function operation({ method, path, parameters, answer }: DescribedRoute, id: string): object {
  const form = parametersSchema(callOf(path), parameters)
  const isText = answer instanceof z.ZodString
  const errors = Object.entries({ ...failures, ...(isText ? exportFailures : pipelineFailures) }).map(
    ([status, description]) => [
      status,
      { description, content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } } },
    ],
  )
  return {
    operationId: id,
    summary: summaries[callOf(path)] ?? id,
    ...(method === 'GET' ? { parameters: queryParameters(form) } : { requestBody: formBody(form) }),
    responses: {
      200: {
        description: 'Done.',
        content: { [isText ? 'text/plain' : 'application/json']: { schema: jsonSchema(answer, 'output') } },
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
    content: { 'application/x-www-form-urlencoded': { schema }, 'application/json': { schema } },
  }
}

function parametersSchema(call: string, parameters: z.ZodType): JsonSchema {
  const schema = jsonSchema(parameters, 'input')
  const properties = Object.entries(schema.properties ?? {}).map(([name, property]) => {
    const form = wireForms[name] ?? (property as JsonSchema)
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
