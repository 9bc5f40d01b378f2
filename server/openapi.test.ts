import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { allContracts } from '../contracts/index.ts'
import { openApiDocument } from './openapi.ts'

const api = fileURLToPath(new URL('../app/api', import.meta.url))

interface Operation {
  operationId: string
  parameters: { name: string; in: string; required: boolean; schema: object }[]
  requestBody?: { content: Record<string, { schema: { properties: object } }> }
  responses: Record<string, { content: Record<string, { schema: object }> }>
  security: object[]
}
const paths = openApiDocument().paths as Record<string, Record<string, Operation>>

describe('the OpenAPI document', () => {
  test('has one operation per contract, with its parameters and answers', () => {
    const operations = Object.values(paths).flatMap((path) => Object.values(path))
    expect(operations.length).toBe(allContracts.length)
    for (const contract of allContracts) {
      const operation = paths[contract.path]?.[contract.method.toLowerCase()]
      expect(operation?.operationId).toBe(contract.id)
      const named = operation?.parameters.map(({ name }) => name)
      const wanted = [contract.params, contract.query].flatMap(({ shape }) => Object.keys(shape))
      expect(named, contract.id).toEqual(wanted)
      const body = operation?.requestBody?.content['application/json']?.schema.properties ?? {}
      expect(Object.keys(body), contract.id).toEqual(Object.keys(contract.body.shape))
      expect(operation?.responses[contract.status], contract.id).toBeDefined()
      expect(operation?.security.length === 0, contract.id).toBe(contract.access === 'open')
    }
  })

  test('gives every parameter a type and marks what must be there', () => {
    const list = paths['/api/v1/clusters/{cluster}/topics']?.get?.parameters ?? []
    expect(list.find(({ name }) => name === 'page')).toMatchObject({
      in: 'query',
      required: false,
      schema: { type: 'integer', default: 1 },
    })
    expect(list.find(({ name }) => name === 'cluster')).toMatchObject({ required: true })
    for (const path of Object.values(paths))
      for (const { parameters } of Object.values(path))
        for (const { schema, name } of parameters)
          expect(Object.keys(schema).length, name).toBeGreaterThan(0)
  })
})

describe('route files', () => {
  const files = readdirSync(api, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('route.ts'))
    .map((file) => join(api, file))

  test('exist for every contract, with its method', () => {
    for (const { path, method, id } of allContracts) {
      const folder = path.replace('/api/', '').replaceAll('{', '[').replaceAll('}', ']')
      const text = readFileSync(join(api, folder, 'route.ts'), 'utf8')
      expect(text, id).toContain(`contract: ${id}Contract`)
      expect(text, id).toMatch(
        new RegExp(`export const ${method} = \\w+Route|export const ${method} = route`),
      )
    }
  })

  test('serve nothing that has no contract', () => {
    const known = new Set(allContracts.map(({ path }) => path))
    for (const file of files) {
      const path = `/api/${relative(api, file).replace('/route.ts', '')}`
      if (path === '/api/[...path]' || path === '/api/auth/[...all]') continue
      expect(known, path).toContain(path.replaceAll('[', '{').replaceAll(']', '}'))
    }
  })
})
