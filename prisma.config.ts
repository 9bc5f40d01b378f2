import { defineConfig } from 'prisma/config'

// Only the Prisma CLI reads this; the console itself takes DATABASE_URL in server/db/client.ts.
export default defineConfig({
  schema: 'prisma/schema.prisma',
  migrations: { path: 'prisma/migrations' },
  datasource: { url: process.env.DATABASE_URL ?? 'file:./data/eyrie.db' },
})
