// The settings of `npm start`: one table, from which --help, README and the parser are made.
import { join, resolve } from 'node:path'
import { SupervisorError } from './layout.ts'

export interface Setting {
  flag: string
  env: string
  fallback: string
  help: string
}

export const settings: readonly Setting[] = [
  { flag: '--port', env: 'PORT', fallback: '3000', help: 'port of the console' },
  { flag: '--host', env: 'HOST', fallback: '127.0.0.1', help: 'address the console listens on' },
  {
    flag: '--data-dir',
    env: 'EYRIE_DATA_DIR',
    fallback: './data',
    help: 'everything that is kept: brokers, database, secrets',
  },
  {
    flag: '--database-url',
    env: 'DATABASE_URL',
    fallback: 'file:<data>/eyrie.db',
    help: 'the console’s database (SQLite)',
  },
  {
    flag: '--brokers',
    env: 'EYRIE_BROKERS',
    fallback: '3',
    help: '1 or 3 brokers, at the first start; 3: replication factor 3, min ISR 2',
  },
  {
    flag: '--broker-port',
    env: 'EYRIE_BROKER_PORT',
    fallback: '9092',
    help: 'port of the first broker, at the first start; a taken one moves to the next free one',
  },
  {
    flag: '--admin-email',
    env: 'EYRIE_ADMIN_EMAIL',
    fallback: '',
    help: 'makes the first administrator, with the password, instead of the one-time link',
  },
  {
    flag: '--admin-password',
    env: 'EYRIE_ADMIN_PASSWORD',
    fallback: '',
    help: 'that administrator’s password (8 characters or more; better in the environment)',
  },
  {
    flag: '--api-token',
    env: 'EYRIE_API_TOKEN',
    fallback: '',
    help: 'an administrator’s bearer token for automation, 32 characters or more',
  },
  {
    flag: '--sample',
    env: 'EYRIE_SAMPLE',
    fallback: '',
    help: '1 starts the sample traffic, 0 stops it; else as chosen on the pages',
  },
  {
    flag: '--clusters',
    env: 'EYRIE_CLUSTERS',
    fallback: '',
    help: 'Kafka clusters to attach: name=host:port,host:port;name=…',
  },
]

export interface StartOptions {
  port: number
  host: string
  dataDirectory: string
  databaseUrl: string
  brokerCount: number
  brokerPort: number
  isDev: boolean
  /** Brokers and collector only: for a Next that somebody else started. */
  isSuperviseOnly: boolean
  /** The environment that web and collector get. */
  environment: Record<string, string>
}

export function helpText(): string {
  const rows = settings.map(
    (s) =>
      `  ${s.flag.padEnd(18)} ${s.env.padEnd(22)} ${s.help}` +
      (s.fallback === '' ? '' : ` (${s.fallback})`),
  )
  return [
    'npm start -- [options]: the console with its embedded Kafka cluster',
    '',
    '  option             environment            meaning (default)',
    ...rows,
    '  --dev                                     Next in development mode (npm run dev)',
    '  --supervise-only                          brokers and collector without the console’s server',
    '  --help                                    this text',
  ].join('\n')
}

function collect(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Map<string, string> {
  const values = new Map<string, string>()
  for (const setting of settings) values.set(setting.env, env[setting.env] ?? '')
  for (let i = 0; i < args.length; i++) {
    const [name, inline] = (args[i] ?? '').split(/=(.*)/s, 2)
    if (name === '--dev' || name === '--supervise-only') continue
    const setting = settings.find((s) => s.flag === name)
    if (setting === undefined) {
      throw new SupervisorError(`unknown option ${args[i]}; npm start -- --help lists them all`)
    }
    const value = inline ?? args[++i]
    if (value === undefined) throw new SupervisorError(`${setting.flag} needs a value`)
    values.set(setting.env, value)
  }
  return values
}

function portOf(values: Map<string, string>, setting: string, fallback: number): number {
  const text = values.get(setting) ?? ''
  if (text === '') return fallback
  const port = Number(text)
  if (Number.isInteger(port) && port >= 1 && port <= 65535) return port
  throw new SupervisorError(`${setting}=${text} is no port: a number from 1 to 65535 is wanted`)
}

/** Throws SupervisorError that names the setting and what it takes. */
export function parseOptions(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  cwd: string,
): StartOptions {
  const values = collect(args, env)
  const get = (name: string): string => values.get(name) ?? ''
  const brokers = get('EYRIE_BROKERS') || '3'
  if (brokers !== '1' && brokers !== '3') {
    throw new SupervisorError(`EYRIE_BROKERS=${brokers}: 1 or 3 are possible`)
  }
  const token = get('EYRIE_API_TOKEN')
  if (token !== '' && token.length < 32) {
    throw new SupervisorError('EYRIE_API_TOKEN is too short: 32 characters or more are wanted')
  }
  if ((get('EYRIE_ADMIN_EMAIL') === '') !== (get('EYRIE_ADMIN_PASSWORD') === '')) {
    throw new SupervisorError('EYRIE_ADMIN_EMAIL and EYRIE_ADMIN_PASSWORD go together')
  }
  const sample = get('EYRIE_SAMPLE')
  if (sample !== '' && sample !== '0' && sample !== '1') {
    throw new SupervisorError(`EYRIE_SAMPLE=${sample}: 1 or 0 are possible`)
  }
  const dataDirectory = resolve(cwd, get('EYRIE_DATA_DIR') || 'data')
  const databaseUrl = get('DATABASE_URL') || `file:${join(dataDirectory, 'eyrie.db')}`
  const host = get('HOST') || '127.0.0.1'
  const port = portOf(values, 'PORT', 3000)
  const environment: Record<string, string> = {}
  for (const [name, value] of values) if (value !== '') environment[name] = value
  Object.assign(environment, {
    EYRIE_DATA_DIR: dataDirectory,
    DATABASE_URL: databaseUrl,
    HOST: host,
    PORT: String(port),
  })
  return {
    port,
    host,
    dataDirectory,
    databaseUrl,
    brokerCount: Number(brokers),
    brokerPort: portOf(values, 'EYRIE_BROKER_PORT', 9092),
    isDev: args.includes('--dev'),
    isSuperviseOnly: args.includes('--supervise-only'),
    environment,
  }
}
