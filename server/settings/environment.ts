import { hostname, networkInterfaces } from 'node:os'
import { resolve } from 'node:path'
import { z } from 'zod'
import { DEFAULT_HISTORY, parseKeep, parseRetention, type Retention } from '../metrics/tiers.ts'

/** The environment does not fit; the message names each variable and what it should be. */
export class EnvironmentError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'EnvironmentError'
  }
}

const port = z.coerce.number().int().min(1).max(65_535)
const optionalText = z
  .string()
  .optional()
  .transform((text) => (text === undefined || text === '' ? null : text))

const schema = z
  .object({
    PORT: port.default(3000),
    HOST: z.string().min(1).default('127.0.0.1'),
    EYRIE_DATA_DIR: z.string().min(1).default('./data'),
    DATABASE_URL: optionalText,
    EYRIE_ADMIN_EMAIL: optionalText.pipe(z.email().toLowerCase().nullable()),
    EYRIE_ADMIN_PASSWORD: optionalText.pipe(z.string().min(10).max(128).nullable()),
    EYRIE_API_TOKEN: optionalText.pipe(
      z.string().min(32, 'needs at least 32 characters').max(512).nullable(),
    ),
    EYRIE_CLUSTERS: optionalText,
    EYRIE_SECRET: optionalText.pipe(
      z.string().min(16, 'needs at least 16 characters').max(512).nullable(),
    ),
    EYRIE_HISTORY: optionalText.transform((text, context): Retention => {
      try {
        return parseRetention(text ?? DEFAULT_HISTORY)
      } catch (error) {
        context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : '' })
        return z.NEVER
      }
    }),
    EYRIE_EVENTS: optionalText.transform((text, context): number => {
      const keepMs = parseKeep(text ?? '90d')
      if (keepMs !== null) return keepMs
      context.addIssue({ code: 'custom', message: 'a time such as 90d is wanted, 1h to 3660d' })
      return z.NEVER
    }),
  })
  .superRefine((values, context) => {
    if ((values.EYRIE_ADMIN_EMAIL === null) !== (values.EYRIE_ADMIN_PASSWORD === null))
      context.addIssue({
        code: 'custom',
        path: ['EYRIE_ADMIN_EMAIL'],
        message: 'goes together with EYRIE_ADMIN_PASSWORD: set both or neither',
      })
  })

export interface Environment {
  readonly port: number
  readonly host: string
  /** Absolute. */
  readonly dataDir: string
  /** `file:` URL of the SQLite database. */
  readonly databaseUrl: string
  readonly firstAdministrator: { email: string; password: string } | null
  readonly apiToken: string | null
  /** The raw `name=host:port,host:port;…`. */
  readonly clusters: string | null
  /** Seals the secrets of clusters; null: a file of the data directory does. */
  readonly secret: string | null
  /** How long samples are kept, tier by tier. */
  readonly history: Retention
  /** How long events, and states at any minute, are kept, in ms. */
  readonly eventsKeepMs: number
  /** Host names (without port, lower case) a browser may have asked for. */
  readonly allowedHosts: ReadonlySet<string>
}

const WILDCARDS = new Set(['0.0.0.0', '::', '[::]', '*'])

function allowedHostsOf(host: string): Set<string> {
  const hosts = new Set(['localhost', '127.0.0.1', '[::1]'])
  const add = (name: string): void => {
    const lower = name.toLowerCase()
    hosts.add(lower.includes(':') && !lower.startsWith('[') ? `[${lower}]` : lower)
  }
  if (WILDCARDS.has(host)) {
    add(hostname())
    for (const addresses of Object.values(networkInterfaces()))
      for (const { address } of addresses ?? []) add(address)
  } else add(host)
  return hosts
}

/** Throws EnvironmentError when a variable does not fit. */
export function parseEnvironment(
  source: Readonly<Record<string, string | undefined>>,
): Environment {
  const parsed = schema.safeParse(source)
  if (!parsed.success) {
    const lines = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
    throw new EnvironmentError(lines.join('\n'))
  }
  const values = parsed.data
  const dataDir = resolve(values.EYRIE_DATA_DIR)
  const { EYRIE_ADMIN_EMAIL: email, EYRIE_ADMIN_PASSWORD: password } = values
  return {
    port: values.PORT,
    host: values.HOST,
    dataDir,
    databaseUrl: values.DATABASE_URL ?? `file:${resolve(dataDir, 'eyrie.db')}`,
    firstAdministrator: email !== null && password !== null ? { email, password } : null,
    apiToken: values.EYRIE_API_TOKEN,
    clusters: values.EYRIE_CLUSTERS,
    secret: values.EYRIE_SECRET,
    history: values.EYRIE_HISTORY,
    eventsKeepMs: values.EYRIE_EVENTS,
    allowedHosts: allowedHostsOf(values.HOST),
  }
}

let current: Environment | null = null

/** Of this process, read once. */
export function environment(): Environment {
  current ??= parseEnvironment(process.env)
  return current
}
