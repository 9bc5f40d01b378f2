import { z } from 'zod'

export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE'

/** `open`: nobody asked. `viewer`: any signed-in user. `administrator`: also the API token. */
export type Access = 'open' | 'viewer' | 'administrator'

export interface Contract<
  P extends z.ZodObject = z.ZodObject,
  Q extends z.ZodObject = z.ZodObject,
  B extends z.ZodObject = z.ZodObject,
  R extends z.ZodType = z.ZodType,
> {
  /** Unique; the operationId of the OpenAPI document and the action in the audit log. */
  readonly id: string
  readonly method: Method
  /** Below the origin, `{name}` for a parameter: `/api/v1/clusters/{cluster}/topics`. */
  readonly path: string
  readonly access: Access
  readonly tag: string
  readonly summary: string
  readonly params: P
  readonly query: Q
  readonly body: B
  readonly response: R
  /** Success status; 200 unless told. */
  readonly status: 200 | 201
  /** `sse`: the response schema is that of one event's data. */
  readonly media: 'json' | 'sse'
  /** A viewer may call it though it is a mutation, and it leaves no audit entry. */
  readonly isQuiet: boolean
}

interface ContractDefinition<
  P extends z.ZodObject,
  Q extends z.ZodObject,
  B extends z.ZodObject,
  R extends z.ZodType,
> {
  id: string
  method: Method
  path: string
  access: Access
  tag: string
  summary: string
  params?: P
  query?: Q
  body?: B
  response: R
  status?: 200 | 201
  media?: 'json' | 'sse'
  isQuiet?: boolean
}

type Empty = z.ZodObject<Record<never, never>>

export function defineContract<
  R extends z.ZodType,
  P extends z.ZodObject = Empty,
  Q extends z.ZodObject = Empty,
  B extends z.ZodObject = Empty,
>(definition: ContractDefinition<P, Q, B, R>): Contract<P, Q, B, R> {
  const { params, query, body, status, media, isQuiet, ...rest } = definition
  return {
    ...rest,
    params: params ?? emptyOf<P>(),
    query: query ?? emptyOf<Q>(),
    body: body ?? emptyOf<B>(),
    status: status ?? 200,
    media: media ?? 'json',
    isQuiet: isQuiet ?? false,
  }
}

function emptyOf<T extends z.ZodObject>(): T {
  // Safe because a left-out part takes its type parameter's default, the empty object.
  return z.object({}) as unknown as T
}

/** Of a part without fields, nothing: zod infers a type that no other part can join. */
type Output<T extends z.ZodObject> = keyof T['shape'] extends never ? unknown : z.output<T>
type Input<T extends z.ZodObject> = keyof T['shape'] extends never
  ? Record<string, never>
  : z.input<T>

/** What a service function receives: path, query and body in one object, parsed. */
export type ContractInput<C extends Contract> = Output<C['params']> &
  Output<C['query']> &
  Output<C['body']>

export type ContractOutput<C extends Contract> = z.output<C['response']>

/** What a caller hands over, before defaults are filled in. */
export interface ContractRequest<C extends Contract> {
  params: Input<C['params']>
  query: Input<C['query']>
  body: Input<C['body']>
}
