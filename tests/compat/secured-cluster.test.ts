// Apache Kafka 4.3.1 behind TLS and SASL: what our client can present, what the test of a connection
// says of each thing that is wrong, and a session that is renewed without a new connection.
import { createPrivateKey } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ClusterTestResult, TestClusterInput } from '../../contracts/cluster-definitions.ts'
import { Metadata } from '../../protocol/schemas/03-metadata.ts'
import { testCluster } from '../../server/clusters/test-connection.ts'
import { systemContext } from '../../server/context.ts'
import { connectionOptionsOf } from '../../server/kafka/security.ts'
import { WireClient } from '../../server/kafka/wire-client.ts'
import { freePort, until } from '../support/eyrie-cluster.ts'
import {
  PASSWORD,
  SESSION_MS,
  type SecuredKafka,
  startSecuredKafka,
  startTokenServer,
  unsignedToken,
} from '../support/secured-kafka.ts'

let kafka: SecuredKafka

beforeAll(async () => {
  kafka = await startSecuredKafka()
})
afterAll(() => kafka?.down())

const tls = () => ({ verify: 'full' as const, ca: kafka.ca, certificate: null, serverName: null })
const server = (port: number) => [`127.0.0.1:${port}`]
const as = (mechanism: 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512', username = 'ada') => ({
  mechanism,
  username,
})

function definition(changes: Partial<TestClusterInput>): TestClusterInput {
  return {
    bootstrapServers: server(kafka.ports.sasl),
    tls: tls(),
    sasl: as('PLAIN'),
    metrics: { kind: 'none' },
    secrets: { password: PASSWORD },
    ...changes,
  }
}

async function run(changes: Partial<TestClusterInput>) {
  const input = definition(changes)
  const items: ClusterTestResult[] = []
  let isUsable: boolean | null = null
  for await (const event of await testCluster({ ctx: systemContext(), input })) {
    if (event.type === 'result') items.push(event.result)
    if (event.type === 'end') isUsable = event.isUsable
  }
  const failed = items.find((item) => item.outcome === 'failed')
  const lines = items.map((item) => `${item.step} ${item.outcome} ${item.error ?? ''}`)
  return { isUsable, items, failed, lines }
}

test.each(['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const)(
  '%s over TLS',
  async (mechanism) => {
    const { isUsable, items, lines } = await run({ sasl: as(mechanism) })
    expect(isUsable, lines.join('\n')).toBe(true)
    const told = items.map((item) => `${item.step} ${item.outcome}`)
    expect(told.slice(0, 6)).toEqual([
      ...['dns ok', 'tcp ok', 'tls ok', 'api-versions ok', 'sasl ok', 'metadata ok'],
    ])
    expect(told.slice(6).sort()).toEqual(['brokers ok', 'metrics skipped', 'permissions ok'])
    expect(items.find((item) => item.step === 'tls')?.values).toMatchObject({ subject: 'server' })
  },
)

test('OAUTHBEARER with a token that was given, and with one fetched by client credentials', async () => {
  const given = { mechanism: 'OAUTHBEARER' as const, client: null, extensions: {} }
  const byToken = await run({ sasl: given, secrets: { token: unsignedToken('ada') } })
  expect(byToken.isUsable, byToken.lines.join('\n')).toBe(true)
  const tokens = await startTokenServer('s3cret/+')
  try {
    const client = { tokenUrl: tokens.url, clientId: 'eyrie', scope: null }
    const sasl = { ...given, client }
    const fetched = await run({ sasl, secrets: { clientSecret: 's3cret/+' } })
    expect(fetched.isUsable, fetched.lines.join('\n')).toBe(true)
    expect(tokens.asked()).toBe(1)
    const refused = await run({ sasl, secrets: { clientSecret: 'wrong' } })
    expect(refused.failed).toMatchObject({ step: 'sasl', advice: 'sasl-token' })
    expect(refused.failed?.error).toContain('HTTP 401')
  } finally {
    tokens.stop()
  }
})

test.each(['PLAIN', 'SCRAM-SHA-256'] as const)('a wrong password by %s', async (mechanism) => {
  const { isUsable, failed } = await run({ sasl: as(mechanism), secrets: { password: 'wrong' } })
  expect(isUsable).toBe(false)
  expect(failed).toMatchObject({ step: 'sasl', advice: 'sasl-refused' })
})

test('each thing that is wrong is named at its step', async () => {
  const { ports } = kafka
  const outcome = async (changes: Partial<TestClusterInput>) => {
    const { failed, lines } = await run(changes)
    return failed === undefined ? lines.join('\n') : `${failed.step}: ${failed.advice}`
  }
  expect(await outcome({ tls: { ...tls(), ca: null } })).toBe('tls: tls-untrusted')
  expect(await outcome({ tls: { ...tls(), serverName: 'other.example' } })).toBe('tls: tls-name')
  expect(await outcome({ tls: null })).toBe('api-versions: tls-needed')
  expect(await outcome({ bootstrapServers: server(ports.plain), sasl: null })).toBe(
    'tls: tls-not-spoken',
  )
  expect(await outcome({ sasl: null })).toBe('metadata: sasl-needed')
  expect(await outcome({ bootstrapServers: server(await freePort()) })).toBe('tcp: tcp-refused')
  expect(await outcome({ bootstrapServers: ['no-such-host.invalid:9092'] })).toBe(
    'dns: dns-unknown',
  )
  expect(await outcome({ bootstrapServers: server(ports.tls), sasl: null })).toMatch(
    /: tls-client-certificate$/,
  )
})

test('a client certificate, its key encrypted or not, and any host name where the chain is enough', async () => {
  const own = { ...tls(), certificate: kafka.certificate }
  const bootstrapServers = server(kafka.ports.tls)
  const secrets = { tlsKey: kafka.key }
  const { isUsable, lines } = await run({ bootstrapServers, sasl: null, tls: own, secrets })
  expect(isUsable, lines.join('\n')).toBe(true)
  const sealing = {
    type: 'pkcs8',
    format: 'pem',
    cipher: 'aes-256-cbc',
    passphrase: 'open',
  } as const
  const tlsKey = String(createPrivateKey(kafka.key).export(sealing))
  const sealed = { tlsKey, tlsKeyPassphrase: 'open' }
  const byPassphrase = await run({ bootstrapServers, sasl: null, tls: own, secrets: sealed })
  expect(byPassphrase.isUsable, byPassphrase.lines.join('\n')).toBe(true)
  const loose = { ...tls(), verify: 'chain' as const, serverName: 'other.example' }
  expect((await run({ tls: loose })).isUsable).toBe(true)
})

test('a user that may do little is told what is missing', async () => {
  const { isUsable, items } = await run({ sasl: as('SCRAM-SHA-256', 'reader') })
  expect(isUsable).toBe(true)
  const permissions = items.find((item) => item.step === 'permissions')
  expect(permissions).toMatchObject({ outcome: 'attention', advice: 'permissions-missing' })
  expect(permissions?.error).toContain('Cluster: Create, Alter, Describe')
})

test('a session is renewed on its connection, beyond which the broker would hang up', async () => {
  let opened = 0
  const security = { tls: tls(), sasl: as('SCRAM-SHA-512'), secrets: { password: PASSWORD } }
  const client = new WireClient({
    bootstrap: [{ host: '127.0.0.1', port: kafka.ports.sasl }],
    ...connectionOptionsOf({ ...security, problem: null }),
    onStep: (step) => {
      if (step === 'tcp') opened++
    },
  })
  const startedMs = Date.now()
  try {
    await until('two sessions have passed', async () => {
      const calls = [1, 2, 3].map(() => client.call('any', Metadata, { topics: [] }))
      const answers = await Promise.all(calls)
      expect(answers.every((answer) => answer.brokers.length === 1)).toBe(true)
      return Date.now() - startedMs > SESSION_MS * 2.1
    })
    expect(opened).toBe(1)
  } finally {
    client.close()
  }
})
