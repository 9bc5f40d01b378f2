import { betterAuth } from 'better-auth'
import { prismaAdapter } from 'better-auth/adapters/prisma'
import { type Database, database } from '../db/client.ts'
import { dialectOf } from '../db/dialect.ts'
import { environment } from '../settings/environment.ts'
import { authSecret } from './secret.ts'

const DAY_S = 86_400

function trustedOrigins(): string[] {
  const { allowedHosts, port } = environment()
  return [...allowedHosts].flatMap((host) =>
    ['http', 'https'].flatMap((scheme) => [`${scheme}://${host}`, `${scheme}://${host}:${port}`]),
  )
}

function createAuth(db: Database) {
  const { dataDir, host, port } = environment()
  return betterAuth({
    appName: 'Eyrie',
    baseURL: `http://${host}:${port}`,
    basePath: '/api/auth',
    secret: authSecret(dataDir),
    database: prismaAdapter(db, { provider: dialectOf(db) }),
    trustedOrigins: trustedOrigins(),
    telemetry: { enabled: false },
    logger: { level: 'error' },
    // Users come from the one-time link and from administrators, never from signing up.
    emailAndPassword: {
      enabled: true,
      disableSignUp: true,
      minPasswordLength: 10,
      maxPasswordLength: 128,
    },
    user: {
      additionalFields: {
        role: { type: 'string', required: false, defaultValue: 'viewer', input: false },
      },
    },
    session: { expiresIn: 7 * DAY_S, updateAge: 3600 },
    // Our own limit (rate-limit.ts) covers signing in, whichever route it comes by.
    rateLimit: { enabled: false },
    advanced: { cookiePrefix: 'eyrie', useSecureCookies: false },
  })
}

export type Auth = ReturnType<typeof createAuth>

const holder = globalThis as { eyrieAuth?: { db: Database; auth: Auth } }

/** One for the process; made anew when the database was closed and opened. */
export async function auth(): Promise<Auth> {
  const db = await database()
  if (holder.eyrieAuth?.db !== db) holder.eyrieAuth = { db, auth: createAuth(db) }
  return holder.eyrieAuth.auth
}
