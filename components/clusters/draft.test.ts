import { expect, test } from 'vitest'
import { createClusterContract } from '../../contracts/cluster-definitions.ts'
import { bodyOf, type Draft, draftOf, EMPTY_DRAFT } from './draft.ts'

const filled: Draft = {
  ...EMPTY_DRAFT,
  name: 'Orders',
  bootstrap: 'a.example:9093, b.example:9093\n[::1]:9092',
  isTls: true,
  ca: ' PEM ',
  sasl: 'OAUTHBEARER',
  tokenUrl: 'https://sso.example/token',
  clientId: 'eyrie',
  extensions: 'logicalCluster=lkc-1\n\nnonsense',
  metrics: 'prometheus',
  metricsUrl: 'http://{host}:7071/metrics',
  secrets: { ...EMPTY_DRAFT.secrets, clientSecret: 's' },
}

test('what stands in the form is a body that the API takes, and comes back as it was', () => {
  const body = createClusterContract.body.parse(bodyOf(filled))
  expect(body.bootstrapServers).toEqual(['a.example:9093', 'b.example:9093', '[::1]:9092'])
  expect(body.tls).toEqual({ verify: 'full', ca: 'PEM', certificate: null, serverName: null })
  expect(body.secrets).toEqual({ clientSecret: 's' })
  const shown = draftOf({
    ...body,
    id: 'orders',
    origin: 'console',
    secretsSet: ['clientSecret'],
    areSecretsReadable: true,
    createdAt: 0,
    updatedAt: 0,
  })
  const { secrets: _, ...again } = bodyOf(shown)
  const { secrets: __, ...before } = body
  expect(createClusterContract.body.parse(again)).toMatchObject(before)
  expect(shown.extensions).toBe('logicalCluster=lkc-1')
})

test('a secret that nobody typed is not sent', () => {
  expect(bodyOf({ ...EMPTY_DRAFT, name: 'x', bootstrap: 'a:1', sasl: 'PLAIN' })).toMatchObject({
    secrets: {},
    tls: null,
    metrics: { kind: 'none' },
  })
})
