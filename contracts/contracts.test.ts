import { describe, expect, test } from 'vitest'
import { allContracts } from './index.ts'

const mutating = new Set(['POST', 'PATCH', 'DELETE'])

describe('contracts', () => {
  test('have ids and addresses of their own', () => {
    const ids = allContracts.map(({ id }) => id)
    const addresses = allContracts.map(({ method, path }) => `${method} ${path}`)
    expect(new Set(ids).size).toBe(ids.length)
    expect(new Set(addresses).size).toBe(addresses.length)
    for (const contract of allContracts) expect(typeof contract.path).toBe('string')
  })

  test('declare exactly the parameters of their path', () => {
    for (const { path, params, id } of allContracts) {
      const named = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1])
      expect(Object.keys(params.shape), id).toEqual(named)
    }
  })

  test('never use one name twice over path, query and body', () => {
    for (const { params, query, body, id } of allContracts) {
      const names = [params, query, body].flatMap(({ shape }) => Object.keys(shape))
      expect(new Set(names).size, id).toBe(names.length)
    }
  })

  test('are open only for health, signing in and the one-time link', () => {
    const open = allContracts.filter(({ access }) => access === 'open').map(({ id }) => id)
    expect(open.sort()).toEqual(['completeSetup', 'getHealth', 'getSetup', 'signIn'])
  })

  test('let a viewer change nothing but the own account, layouts and what is watched', () => {
    const byViewer = allContracts
      .filter(({ access, method }) => access === 'viewer' && mutating.has(method))
      .map(({ id }) => id)
    expect(byViewer.sort()).toEqual([
      'changePassword',
      'deleteLayout',
      'saveLayout',
      'signOut',
      'signOutEverywhere',
      'watchCluster',
    ])
  })
})
