// Apache Kafka behind TLS and SASL: a certificate authority of its own, a user for each mechanism, an authorizer.
import { pbkdf2Sync, randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AlterUserScramCredentials } from '../../protocol/schemas/51-alter-user-scram-credentials.ts'
import { WireClient } from '../../server/kafka/wire-client.ts'
import { startPeer } from './apache-kafka.ts'
import { execute, freePort } from './eyrie-cluster.ts'

export const PASSWORD = 'pa,ss=word ü'
/** A session is renewed in its last seventh: longer than a busy machine may keep the client from it. */
export const SESSION_MS = 15_000

export interface SecuredKafka {
  /** Authority, and a client's certificate and key by it: PEM. */
  readonly ca: string
  readonly certificate: string
  readonly key: string
  /** TLS and SASL; TLS with client certificates; neither. */
  readonly ports: { readonly sasl: number; readonly tls: number; readonly plain: number }
  down(): Promise<void>
}

async function makeCertificates(directory: string): Promise<void> {
  const openssl = (...args: string[]) => execute('openssl', args, { cwd: directory })
  const subject = (name: string) => ['-subj', `/CN=${name}`]
  const key = ['-newkey', 'rsa:2048', '-nodes']
  await openssl(
    ...['req', '-x509', ...key, '-keyout', 'ca.key', '-out', 'ca.pem', '-days', '2'],
    ...subject('Test CA'),
  )
  await writeFile(join(directory, 'server.ext'), 'subjectAltName=IP:127.0.0.1,DNS:localhost\n')
  await writeFile(join(directory, 'client.ext'), 'extendedKeyUsage=clientAuth\n')
  for (const name of ['server', 'client']) {
    await openssl(
      ...['req', ...key, '-keyout', `${name}.key`, '-out', `${name}.csr`],
      ...subject(name),
    )
    const signing = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2']
    const files = ['-in', `${name}.csr`, '-out', `${name}.crt`, '-extfile', `${name}.ext`]
    await openssl('x509', '-req', ...files, ...signing)
  }
  const parts = await Promise.all(
    ['server.key', 'server.crt'].map((file) => readFile(join(directory, file), 'utf8')),
  )
  await writeFile(join(directory, 'server.pem'), parts.join(''))
}

/** Java reads properties as Latin-1 with escapes. */
function inProperties(text: string): string {
  return text.replace(
    /[^\x20-\x7e]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

function propertiesOf(directory: string, ports: SecuredKafka['ports']): Record<string, string> {
  const { sasl, tls, plain } = ports
  const common = 'org.apache.kafka.common.security'
  const oauth = `${common}.oauthbearer.OAuthBearerLoginModule required`
  const outside = `SASL_SSL://127.0.0.1:${sasl},SSL://127.0.0.1:${tls},PLAINTEXT://127.0.0.1:${plain}`
  const mapped = ['SASL_SSL', 'SSL', 'PLAINTEXT'].map((name) => `${name}:${name}`).join(',')
  return {
    listeners: `${outside},CONTROLLER://127.0.0.1:${sasl + 500}`,
    'advertised.listeners': outside,
    'listener.security.protocol.map': `${mapped},CONTROLLER:PLAINTEXT`,
    'inter.broker.listener.name': 'PLAINTEXT',
    'ssl.keystore.type': 'PEM',
    'ssl.keystore.location': join(directory, 'server.pem'),
    'ssl.truststore.type': 'PEM',
    'ssl.truststore.location': join(directory, 'ca.pem'),
    'listener.name.ssl.ssl.client.auth': 'required',
    'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER',
    'listener.name.sasl_ssl.plain.sasl.jaas.config': `${common}.plain.PlainLoginModule required user_ada="${inProperties(PASSWORD)}";`,
    'listener.name.sasl_ssl.scram-sha-256.sasl.jaas.config': `${common}.scram.ScramLoginModule required;`,
    'listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config': `${common}.scram.ScramLoginModule required;`,
    'listener.name.sasl_ssl.oauthbearer.sasl.jaas.config': `${oauth} unsecuredLoginStringClaim_sub="broker";`,
    'connections.max.reauth.ms': String(SESSION_MS),
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    'super.users': 'User:ANONYMOUS;User:ada;User:CN=client',
  }
}

/** One mechanism a request: Kafka takes a user only once in each. */
async function addScramUsers(port: number): Promise<void> {
  const client = new WireClient({ bootstrap: [{ host: '127.0.0.1', port }] })
  const kinds = [
    { mechanism: 1, bytes: 32, hash: 'sha256' },
    { mechanism: 2, bytes: 64, hash: 'sha512' },
  ]
  for (const { mechanism, bytes, hash } of kinds) {
    const upsertions = ['ada', 'reader'].map((name) => {
      const salt = randomBytes(16)
      const saltedPassword = pbkdf2Sync(PASSWORD, salt, 4096, bytes, hash)
      return { name, mechanism, iterations: 4096, salt, saltedPassword }
    })
    const request = { deletions: [], upsertions }
    const answer = await client.call('any', AlterUserScramCredentials, request)
    const failed = answer.results.find((result) => result.errorCode !== 0)
    if (failed !== undefined) throw new Error(`no SCRAM user: ${failed.errorMessage}`)
  }
  client.close()
}

export async function startSecuredKafka(): Promise<SecuredKafka> {
  const directory = await mkdtemp(join(tmpdir(), 'eyrie-tls-'))
  await makeCertificates(directory)
  const sasl = await freePort()
  const ports = { sasl, tls: await freePort(), plain: await freePort() }
  const properties = propertiesOf(directory, ports)
  const args = ['--heap', '512m', '--port', String(sasl)]
  const peer = await startPeer({ brokers: 1, args, properties })
  await addScramUsers(ports.plain).catch(async (cause: unknown) => {
    await peer.down()
    throw cause
  })
  const read = (file: string) => readFile(join(directory, file), 'utf8')
  return {
    ca: await read('ca.pem'),
    certificate: await read('client.crt'),
    key: await read('client.key'),
    ports,
    down: async () => {
      await peer.down()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

export function unsignedToken(subject: string): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const nowSeconds = Math.floor(Date.now() / 1000)
  const claims = { sub: subject, iat: nowSeconds, exp: nowSeconds + 3600 }
  return `${part({ alg: 'none' })}.${part(claims)}.`
}

/** Gives a token to the client `eyrie` with its secret, to nobody else. */
export async function startTokenServer(
  secret: string,
): Promise<{ url: string; asked(): number; stop(): void }> {
  let asked = 0
  const server = createServer((request, response) => {
    asked++
    const wanted = `Basic ${Buffer.from(`eyrie:${encodeURIComponent(secret)}`).toString('base64')}`
    if (request.headers.authorization !== wanted) {
      response.writeHead(401).end('{"error":"invalid_client"}')
      return
    }
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ access_token: unsignedToken('ada'), expires_in: 3600 }))
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  const url = `http://127.0.0.1:${port}/token`
  return { url, asked: () => asked, stop: () => server.close() }
}
