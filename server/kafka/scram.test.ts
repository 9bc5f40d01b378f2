import { expect, test } from 'vitest'
import { ScramClient } from './scram.ts'

test('the exchange of RFC 7677 comes out as printed there', async () => {
  const nonce = 'rOprNGfwEbeRWgbNEkqO'
  const client = new ScramClient({ hash: 'sha256', username: 'user', password: 'pencil', nonce })
  expect(client.firstMessage().toString()).toBe(`n,,n=user,r=${nonce}`)
  const full = 'rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0'
  const final = await client.finalMessage(`r=${full},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096`)
  expect(final.toString()).toBe(`c=biws,r=${full},p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=`)
  expect(client.isServerVerified('v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=')).toBe(true)
  expect(client.isServerVerified('v=AAAATRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=')).toBe(false)
})

test('a server that cannot be trusted is not answered', async () => {
  const client = new ScramClient({ hash: 'sha512', username: 'a=b,c', password: 'x', nonce: 'n' })
  expect(client.firstMessage().toString()).toBe('n,,n=a=3Db=2Cc,r=n')
  await expect(client.finalMessage('r=other,s=c2FsdA==,i=4096')).rejects.toThrow('nonce')
  await expect(client.finalMessage('r=n,s=c2FsdA==,i=4096')).rejects.toThrow('nonce')
  await expect(client.finalMessage('r=n2,s=c2FsdA==,i=10')).rejects.toThrow('iterations')
  await expect(client.finalMessage('r=n2,s=,i=4096')).rejects.toThrow('salt')
  expect(client.isServerVerified('v=')).toBe(false)
})
