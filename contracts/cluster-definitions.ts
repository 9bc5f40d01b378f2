import { z } from 'zod'
import { clusterId, clusterParams, okResponse, timeMs } from './common.ts'
import { type ContractInput, defineContract } from './define.ts'

export const clusterColor = z.enum([
  ...(['blue', 'orange', 'teal', 'pink', 'sky', 'brown', 'violet', 'olive'] as const),
])
export type ClusterColor = z.infer<typeof clusterColor>

/** `console`: made on the page, the only ones that can be changed there. */
export const clusterOrigin = z.enum(['embedded', 'environment', 'console'])
export type ClusterOrigin = z.infer<typeof clusterOrigin>

const PEM_CHARS_MAX = 200_000
const SECRET_CHARS_MAX = 20_000
const pem = z.string().max(PEM_CHARS_MAX)
const hostPort = z
  .string()
  .trim()
  .max(300)
  .regex(/^(\[[0-9a-fA-F:.]+\]|[^\s:,[\]]+):\d{1,5}$/)
const httpUrl = z.url({ protocol: /^https?$/ }).max(1_000)

/** The patterns take `{host}`, `{id}` and `{port}` of a broker. */
const urlPattern = z
  .string()
  .trim()
  .max(1_000)
  .regex(/^https?:\/\/[^\s@]+$/)

/** `full`: chain and host name; `chain`: any host name will do. PEM texts. */
export const tlsSettings = z.strictObject({
  verify: z.enum(['full', 'chain']).default('full'),
  /** Null: the authorities that the system trusts. */
  ca: pem.nullable().default(null),
  /** With `secrets.tlsKey`, for brokers that ask for one. */
  certificate: pem.nullable().default(null),
  /** Instead of the host that was connected to. */
  serverName: z.string().trim().max(253).nullable().default(null),
})
export type TlsSettings = z.output<typeof tlsSettings>

const scramMechanism = z.enum(['SCRAM-SHA-256', 'SCRAM-SHA-512'])

export const saslSettings = z.discriminatedUnion('mechanism', [
  z.strictObject({
    mechanism: z.enum(['PLAIN', ...scramMechanism.options]),
    username: z.string().min(1).max(500),
  }),
  z.strictObject({
    mechanism: z.literal('OAUTHBEARER'),
    /** Null: `secrets.token` itself is presented. Else a token is fetched with a client secret. */
    client: z
      .strictObject({
        tokenUrl: httpUrl,
        clientId: z.string().min(1).max(500),
        scope: z.string().max(1_000).nullable().default(null),
      })
      .nullable(),
    /** SASL extensions, e.g. `logicalCluster`. */
    extensions: z
      .record(z.string().regex(/^[A-Za-z]+$/), z.string().regex(/^[\x20-\x7e\t]*$/))
      .default({}),
  }),
])
export type SaslSettings = z.output<typeof saslSettings>

export const metricsSettings = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('none') }),
  z.strictObject({
    kind: z.enum(['jolokia', 'prometheus']),
    url: urlPattern,
    /** With `secrets.metricsPassword`, for HTTP's basic authentication. */
    username: z.string().min(1).max(500).nullable().default(null),
  }),
])
export type MetricsSettings = z.output<typeof metricsSettings>

export const secretName = z.enum([
  ...(['tlsKey', 'tlsKeyPassphrase', 'password', 'token'] as const),
  ...(['clientSecret', 'metricsPassword'] as const),
])
export type SecretName = z.infer<typeof secretName>

/** Left out: the one that is stored stays. Null: it is removed. */
const secret = z.string().min(1).max(SECRET_CHARS_MAX).nullable().optional()
const secrets = z.strictObject({
  tlsKey: secret,
  /** Of a key that is encrypted. */
  tlsKeyPassphrase: secret,
  password: secret,
  token: secret,
  clientSecret: secret,
  metricsPassword: secret,
})

const connectionShape = {
  bootstrapServers: z.array(hostPort).min(1).max(50),
  /** Null: no TLS. */
  tls: tlsSettings.nullable(),
  /** Null: no SASL. */
  sasl: saslSettings.nullable(),
  metrics: metricsSettings,
}
const markShape = {
  name: z.string().trim().min(1).max(60),
  /** Null: one that follows from the id. */
  color: clusterColor.nullable(),
  /** Whatever destroys something asks for the cluster's name typed. */
  isProduction: z.boolean(),
}

export const clusterDefinition = z.object({
  id: clusterId,
  origin: clusterOrigin,
  ...markShape,
  bootstrapServers: z.array(z.string()),
  tls: tlsSettings.nullable(),
  sasl: saslSettings.nullable(),
  metrics: metricsSettings,
  /** Which secrets are stored; they themselves are never sent. */
  secretsSet: z.array(secretName),
  /** False: they were sealed with another EYRIE_SECRET and must be entered again. */
  areSecretsReadable: z.boolean(),
  createdAt: timeMs.nullable(),
  updatedAt: timeMs.nullable(),
})
export type ClusterDefinition = z.infer<typeof clusterDefinition>

export const getClusterDefinitionContract = defineContract({
  id: 'getClusterDefinition',
  method: 'GET',
  path: '/api/v1/clusters/{cluster}/definition',
  access: 'administrator',
  tag: 'Clusters',
  summary: 'How a cluster is reached; secrets only by name',
  params: clusterParams,
  response: clusterDefinition,
})
export type GetClusterDefinitionInput = ContractInput<typeof getClusterDefinitionContract>

export const createClusterContract = defineContract({
  id: 'createCluster',
  method: 'POST',
  path: '/api/v1/clusters',
  access: 'administrator',
  tag: 'Clusters',
  summary: 'Attach a cluster; its id is made from its name',
  body: z.strictObject({
    name: markShape.name,
    color: markShape.color.default(null),
    isProduction: markShape.isProduction.default(false),
    bootstrapServers: connectionShape.bootstrapServers,
    tls: connectionShape.tls.default(null),
    sasl: connectionShape.sasl.default(null),
    metrics: connectionShape.metrics.default({ kind: 'none' }),
    secrets: secrets.default({}),
  }),
  status: 201,
  response: clusterDefinition,
})
export type CreateClusterInput = ContractInput<typeof createClusterContract>

export const updateClusterContract = defineContract({
  id: 'updateCluster',
  method: 'PATCH',
  path: '/api/v1/clusters/{cluster}/definition',
  access: 'administrator',
  tag: 'Clusters',
  summary: 'Change how a cluster is called, marked and reached; what is left out stays',
  params: clusterParams,
  body: z.strictObject({
    name: markShape.name.optional(),
    color: markShape.color.optional(),
    isProduction: markShape.isProduction.optional(),
    bootstrapServers: connectionShape.bootstrapServers.optional(),
    tls: connectionShape.tls.optional(),
    sasl: connectionShape.sasl.optional(),
    metrics: connectionShape.metrics.optional(),
    secrets: secrets.optional(),
  }),
  response: clusterDefinition,
})
export type UpdateClusterInput = ContractInput<typeof updateClusterContract>

export const removeClusterContract = defineContract({
  id: 'removeCluster',
  method: 'DELETE',
  path: '/api/v1/clusters/{cluster}/definition',
  access: 'administrator',
  tag: 'Clusters',
  summary: 'Detach a cluster and forget its history; the cluster itself is not touched',
  params: clusterParams,
  response: okResponse,
})
export type RemoveClusterInput = ContractInput<typeof removeClusterContract>

const testStep = z.enum([
  ...(['dns', 'tcp', 'tls', 'sasl', 'api-versions', 'metadata'] as const),
  ...(['brokers', 'permissions', 'metrics'] as const),
])
export type TestStep = z.infer<typeof testStep>

/** What to do about a step that failed; the console has a sentence for each. */
const testAdvice = z.enum([
  ...(['dns-unknown', 'tcp-refused', 'tcp-silent', 'not-kafka', 'broker-silent'] as const),
  ...(['tls-needed', 'tls-not-spoken', 'tls-untrusted', 'tls-name', 'tls-expired'] as const),
  ...(['tls-client-certificate', 'tls-other', 'sasl-needed', 'sasl-mechanism'] as const),
  ...(['sasl-refused', 'sasl-token', 'advertised-unreachable', 'permissions-missing'] as const),
  ...(['metrics-unreachable', 'metrics-refused', 'metrics-foreign', 'metrics-partial'] as const),
])
export type TestAdvice = z.infer<typeof testAdvice>

const clusterTestResult = z.object({
  step: testStep,
  /** `host:port`, a URL, or the empty text for the cluster as a whole. */
  target: z.string(),
  /** `skipped`: an earlier step failed or the definition does not ask for it. */
  outcome: z.enum(['ok', 'attention', 'failed', 'skipped']),
  /** What was found, by name. */
  values: z.record(z.string(), z.union([z.string(), z.number()])),
  /** What went wrong, as the other side said it. */
  error: z.string().nullable(),
  advice: testAdvice.nullable(),
  durationMs: z.number().int(),
})
export type ClusterTestResult = z.infer<typeof clusterTestResult>

/** What a test tells as it goes on. */
const clusterTestEvent = z.discriminatedUnion('type', [
  /** What is still to be done; what was planned before no longer is. */
  z.object({
    type: z.literal('plan'),
    steps: z.array(z.object({ step: testStep, target: z.string() })),
  }),
  z.object({ type: z.literal('result'), result: clusterTestResult }),
  z.object({ type: z.literal('end'), isUsable: z.boolean() }),
  /** The test itself failed. */
  z.object({ type: z.literal('error'), message: z.string() }),
])
export type ClusterTestEvent = z.infer<typeof clusterTestEvent>

export const testClusterContract = defineContract({
  id: 'testCluster',
  method: 'POST',
  path: '/api/v1/cluster-tests',
  access: 'administrator',
  tag: 'Clusters',
  summary: 'Try a definition, without keeping it; each step is told once it is done',
  body: z.strictObject({
    /** Whose stored secrets stand in for those left out. */
    cluster: clusterId.optional(),
    ...connectionShape,
    secrets: secrets.default({}),
  }),
  response: clusterTestEvent,
  media: 'sse',
  isQuiet: true,
})
export type TestClusterInput = ContractInput<typeof testClusterContract>
