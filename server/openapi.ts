import { z } from 'zod'
import type { Contract } from '../contracts/define.ts'
import { allContracts } from '../contracts/index.ts'
import { problem } from '../contracts/problem.ts'

type Json = Record<string, unknown>

function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, {
    io,
    target: 'draft-2020-12',
    unrepresentable: 'any',
  }) as Json
  return rest
}

/** What a query or path carries: for a coerced number zod knows only the outcome. */
function parameterSchema(schema: z.ZodType): Json {
  const { default: preset, ...input } = jsonSchema(schema, 'input')
  const known = 'type' in input || 'enum' in input || 'anyOf' in input || 'const' in input
  const shape = known ? input : jsonSchema(schema, 'output')
  return preset === undefined ? shape : { ...shape, default: preset }
}

function parametersOf(schema: z.ZodObject, place: 'path' | 'query'): Json[] {
  return Object.entries(schema.shape).map(([name, field]) => {
    // Safe because a contract's parts are objects of zod's classic schemas.
    const part = field as z.ZodType
    return {
      name,
      in: place,
      required: place === 'path' || !part.safeParse(undefined).success,
      schema: parameterSchema(part),
    }
  })
}

const problemContent = {
  'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } },
}

function responsesOf(contract: Contract): Json {
  const media = contract.media === 'sse' ? 'text/event-stream' : 'application/json'
  return {
    [contract.status]: {
      description: 'Done',
      content: { [media]: { schema: jsonSchema(contract.response, 'output') } },
    },
    default: { description: 'Refused', content: problemContent },
  }
}

function operationOf(contract: Contract): Json {
  const hasBody = Object.keys(contract.body.shape).length > 0
  return {
    operationId: contract.id,
    summary: contract.summary,
    tags: [contract.tag],
    parameters: [
      ...parametersOf(contract.params, 'path'),
      ...parametersOf(contract.query, 'query'),
    ],
    ...(hasBody && {
      requestBody: {
        required: !contract.body.safeParse({}).success,
        content: { 'application/json': { schema: jsonSchema(contract.body, 'input') } },
      },
    }),
    responses: responsesOf(contract),
    security: contract.access === 'open' ? [] : [{ bearer: [] }, { session: [] }],
    'x-role': contract.access,
  }
}

const description = `Everything the console's pages do. Times are epoch milliseconds; refusals are
RFC 9457 problem documents; lists answer \`{items, total, asOf}\`. A name in a path is
percent-encoded; one that a path cannot carry (with a slash, a backslash, a percent sign, control
characters, \`.\`, \`..\`, the empty one, or a leading \`~\`) is \`~\` followed by the base64url of its
UTF-8 bytes.`.replaceAll('\n', ' ')

export function openApiDocument(): Json {
  const paths: Record<string, Json> = {}
  for (const contract of allContracts)
    paths[contract.path] = {
      ...paths[contract.path],
      [contract.method.toLowerCase()]: operationOf(contract),
    }
  return {
    openapi: '3.1.0',
    info: { title: 'Eyrie', version: '1', description },
    servers: [{ url: '/' }],
    tags: [...new Set(allContracts.map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: {
      schemas: { Problem: jsonSchema(problem, 'output') },
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer' },
        session: { type: 'apiKey', in: 'cookie', name: 'eyrie.session_token' },
      },
    },
  }
}
