// The settings of `npm start`: one table, from which --help (scripts/lib/help.mjs), README and the parser are made.
import { join, resolve } from 'node:path'
import { SupervisorError } from './layout.ts'
import table from './settings.json' with { type: 'json' }

export interface Setting {
  flag: string
  env: string
  fallback: string
  help: string
}

/** In JSON, so that --help reads them before anything is installed. */
export const settings: readonly Setting[] = table

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
  if (!/^[13-9]$/.test(brokers)) {
    throw new SupervisorError(`EYRIE_BROKERS=${brokers}: 1, or 3 to 9 are possible`)
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
