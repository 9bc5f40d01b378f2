import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { defineContract } from '../contracts/define.ts'
import { problem } from '../contracts/problem.ts'
import { closeDatabase } from './db/client.ts'
import { kafkaServiceError, refusal, ServiceError } from './errors.ts'
import { eventRoute, route } from './http.ts'

const TOKEN = 'a-token-for-automation-of-32-characters-and-more'
let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'eyrie-http-'))
  vi.stubEnv('EYRIE_DATA_DIR', folder)
  vi.stubEnv('EYRIE_API_TOKEN', TOKEN)
})
afterAll(async () => {
  await closeDatabase()
  rmSync(folder, { recursive: true })
  vi.unstubAllEnvs()
})

const contract = defineContract({
  id: 'makeThing',
  method: 'POST',
  path: '/api/v1/clusters/{cluster}/things/{thing}',
  access: 'administrator',
  tag: 'Things',
  summary: 'For tests',
  params: z.object({ cluster: z.string(), thing: z.string() }),
  query: z.object({ size: z.coerce.number().int().default(3) }),
  body: z.strictObject({ color: z.string().default('red') }),
  response: z.object({ text: z.string() }),
})

function request(path: string, body?: string, init: RequestInit = {}): Request {
  return new Request(`http://localhost:3000${path}`, {
    method: 'POST',
    headers: { host: 'localhost:3000', authorization: `Bearer ${TOKEN}` },
    ...(body !== undefined && { body }),
    ...init,
  })
}

async function problemOf(response: Response) {
  expect(response.headers.get('content-type')).toBe('application/problem+json')
  const document = problem.parse(await response.json())
  expect(document.status).toBe(response.status)
  return document
}

const echo = route({
  contract,
  handler: async ({ input }) => ({ text: JSON.stringify(input) }),
})

test('hands path, query and body to the service in one object', async () => {
  const response = await echo(request('/api/v1/clusters/a/things/~YS9i?size=5', '{"color":"blue"}'))
  const { text } = await response.json()
  expect(JSON.parse(text)).toEqual({ cluster: 'a', thing: 'a/b', size: 5, color: 'blue' })
})

test('takes a missing body for an empty one', async () => {
  const response = await echo(request('/api/v1/clusters/a/things/x%20y'))
  const { text } = await response.json()
  expect(JSON.parse(text)).toEqual({ cluster: 'a', thing: 'x y', size: 3, color: 'red' })
})

test('names what does not fit', async () => {
  const path = '/api/v1/clusters/a/things/b'
  const unknown = await problemOf(await echo(request(path, '{"colour":"blue"}')))
  expect(unknown).toMatchObject({ status: 400, code: 'bad-request' })
  const query = await problemOf(await echo(request(`${path}?size=x`, '{}')))
  expect(query.errors).toEqual([{ path: 'size', message: expect.any(String) }])
  expect((await problemOf(await echo(request(path, '{')))).detail).toBe('the body is not JSON')
  const bad = await problemOf(await echo(request('/api/v1/clusters/a/things/~%2B')))
  expect(bad.status).toBe(400)
})

test('a refusal has a stable type, its sentence and what the sentence names', async () => {
  const refusing = route({
    contract,
    handler: async () => {
      throw refusal('partition-unknown', { topic: 'orders', partition: 7 })
    },
  })
  const document = await problemOf(await refusing(request('/api/v1/clusters/a/things/b')))
  expect(document).toMatchObject({
    type: 'urn:eyrie:problem:partition-unknown',
    code: 'not-found',
    detail: 'orders has no partition 7',
    values: { topic: 'orders', partition: 7 },
  })
})

test('what does not fit is said in the caller’s language', async () => {
  const given = (headers: Record<string, string>) =>
    echo(
      request('/api/v1/clusters/a/things/b?size=x', '{}', {
        headers: { host: 'localhost:3000', authorization: `Bearer ${TOKEN}`, ...headers },
      }),
    ).then(problemOf)
  expect((await given({})).errors?.[0]?.message).toMatch(/^Invalid input/)
  expect((await given({ cookie: 'a=b; eyrie-locale=zh' })).errors?.[0]?.message).toMatch(/无效/)
  expect((await given({ 'accept-language': 'zh-CN' })).errors?.[0]?.message).toMatch(/无效/)
})

test('maps what services refuse, and keeps Kafka’s name', async () => {
  const refusing = route({
    contract,
    handler: async () => {
      throw kafkaServiceError('TOPIC_ALREADY_EXISTS', "Topic 'b' already exists.")
    },
  })
  const document = await problemOf(await refusing(request('/api/v1/clusters/a/things/b')))
  expect(document).toMatchObject({ status: 409, kafkaError: 'TOPIC_ALREADY_EXISTS' })
})

test('keeps the text of what is no refusal inside', async () => {
  const log = vi.spyOn(console, 'error').mockReturnValue(undefined)
  const failing = route({
    contract,
    handler: async () => {
      throw new Error('at /secret/path')
    },
  })
  const document = await problemOf(await failing(request('/api/v1/clusters/a/things/b')))
  expect(document).toMatchObject({ status: 500, code: 'internal' })
  expect(JSON.stringify(document)).not.toContain('secret')
  expect(log).toHaveBeenCalledOnce()
  expect(log.mock.calls[0]?.[0]).toContain(document.instance)
  log.mockRestore()
})

test('notices an answer that breaks its contract', async () => {
  const log = vi.spyOn(console, 'error').mockReturnValue(undefined)
  const wrong = route({
    contract,
    handler: async () => ({ text: 5 }) as unknown as { text: string },
  })
  expect((await wrong(request('/api/v1/clusters/a/things/b'))).status).toBe(500)
  log.mockRestore()
})

const tail = defineContract({
  id: 'tailThing',
  method: 'GET',
  path: '/api/v1/clusters/{cluster}/tail',
  access: 'viewer',
  tag: 'Things',
  summary: 'For tests',
  params: z.object({ cluster: z.string() }),
  response: z.object({ n: z.number() }),
  media: 'sse',
})

function get(): Request {
  return request('/api/v1/clusters/a/tail', undefined, { method: 'GET' })
}

test('streams events and ends with the last one', async () => {
  const events = eventRoute({
    contract: tail,
    async *handler() {
      yield { n: 1 }
      yield { n: 2 }
    },
  })
  const response = await events(get())
  expect(response.headers.get('content-type')).toContain('text/event-stream')
  expect(await response.text()).toBe(': open\n\ndata: {"n":1}\n\ndata: {"n":2}\n\n')
})

test('tells a stream’s refusal as an event', async () => {
  const events = eventRoute({
    contract: tail,
    // biome-ignore lint/correctness/useYield: it fails before the first event
    async *handler() {
      throw new ServiceError('not-found', 'there is no such topic')
    },
  })
  const text = await (await events(get())).text()
  expect(text).toContain('data: {"type":"error","message":"there is no such topic"}')
})

test('ends the service when the browser goes away', async () => {
  let seen: AbortSignal | null = null
  const events = eventRoute({
    contract: tail,
    async *handler({ ctx }) {
      seen = ctx.signal
      yield { n: 1 }
      await new Promise((resolve) => ctx.signal.addEventListener('abort', resolve))
    },
  })
  const reader = (await events(get())).body?.getReader()
  await reader?.read()
  await reader?.read()
  await reader?.cancel()
  expect((seen as AbortSignal | null)?.aborted).toBe(true)
})
