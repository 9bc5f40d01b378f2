import { defineConfig } from 'prisma/config'

const url = process.env.DATABASE_URL ?? 'file:./data/eyrie.db'
const folder = /^postgres(ql)?:/.test(url)
  ? 'prisma/postgresql'
  : /^(mysql|mariadb):/.test(url)
    ? 'prisma/mysql'
    : 'prisma'

// Only the Prisma CLI reads this; the console itself takes DATABASE_URL in server/db/client.ts.
export default defineConfig({
  schema: `${folder}/schema.prisma`,
  migrations: { path: `${folder}/migrations` },
  datasource: { url },
})
