import { generateKeyPairSync } from 'node:crypto'
import { expect, test } from 'vitest'
import { checkDefinition, mergeSecrets } from './check-definition.ts'
import type { DefinitionValues } from './definition-store.ts'

const plain: DefinitionValues = {
  name: 'c',
  color: null,
  isProduction: false,
  bootstrapServers: ['a:9092'],
  tls: null,
  sasl: null,
  metrics: { kind: 'none' },
}
const withSasl: DefinitionValues = {
  ...plain,
  sasl: { mechanism: 'SCRAM-SHA-256', username: 'me' },
}
const tls = { verify: 'full' as const, ca: null, certificate: null, serverName: null }

test('a secret stays unless another is given, and goes with null or when nothing uses it', () => {
  const stored = { password: 'old', clientSecret: 'unused' }
  expect(mergeSecrets(withSasl, stored, {})).toEqual({ password: 'old' })
  expect(mergeSecrets(withSasl, stored, { password: 'new' })).toEqual({ password: 'new' })
  expect(mergeSecrets(withSasl, stored, { password: null })).toEqual({})
  expect(mergeSecrets(plain, stored, { password: 'new' })).toEqual({})
})

test('what cannot work is refused by name before anything is kept', () => {
  const reasonOf = (values: DefinitionValues, secrets = {}): unknown => {
    try {
      checkDefinition(values, secrets)
    } catch (error) {
      return (error as { reason?: string }).reason
    }
    return null
  }
  expect(reasonOf(plain)).toBeNull()
  expect(reasonOf(withSasl)).toBe('secret-missing')
  expect(reasonOf(withSasl, { password: 'x' })).toBeNull()
  expect(reasonOf({ ...plain, tls: { ...tls, ca: 'no certificate' } })).toBe(
    'certificate-unreadable',
  )
  const broken = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----'
  const own = { ...plain, tls: { ...tls, certificate: broken } }
  expect(reasonOf(own)).toBe('secret-missing')
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const tlsKey = privateKey.export({ type: 'pkcs8', format: 'pem' })
  expect(reasonOf(own, { tlsKey })).toBe('certificate-unreadable')
  expect(reasonOf(own, { tlsKey: 'no key' })).toBe('private-key-unreadable')
  const sealed = (type: 'pkcs8' | 'sec1'): string =>
    String(privateKey.export({ type, format: 'pem', cipher: 'aes-256-cbc', passphrase: 'open' }))
  for (const tlsKey of [sealed('pkcs8'), sealed('sec1')]) {
    expect(reasonOf(own, { tlsKey })).toBe('passphrase-missing')
    expect(reasonOf(own, { tlsKey, tlsKeyPassphrase: 'shut' })).toBe('passphrase-wrong')
    expect(reasonOf(own, { tlsKey, tlsKeyPassphrase: 'open' })).toBe('certificate-unreadable')
  }
})
