import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const never = ['node_modules/**', '.next/**', 'dist/**', 'data/**']
const processes = ['integration', 'e2e', 'walks', 'compat', 'databases']
const slow = processes.map((name) => `tests/${name}/**`)

/**
 * unit: beside the sources, without processes or ports. integration: real brokers and kafkajs.
 * e2e: Chromium on every page of the real console; walks: all that can be done on them. compat: Apache's tools and other clients (.ci/run installs them).
 * databases: PostgreSQL and MariaDB.
 */
export default defineConfig({
  resolve: { alias: { '@': fileURLToPath(new URL('.', import.meta.url)) } },
  test: {
    maxWorkers: 2,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['**/*.test.ts', '**/*.test.tsx'],
          exclude: [...never, ...slow],
          testTimeout: 240_000,
          hookTimeout: 240_000,
          expect: { poll: { timeout: 60_000 } },
          pool: 'threads',
        },
      },
      ...processes.map((name) => ({
        extends: true as const,
        test: {
          name,
          include: [`tests/${name}/**/*.test.ts`],
          exclude: never,
          // Each wait has its own end, and says what it waited for: these end what has none.
          testTimeout: 600_000,
          hookTimeout: 600_000,
          // A page is looked at until it shows what it must; one second is short on a busy machine.
          expect: { poll: { timeout: 120_000 } },
          // Walks wait for pages most of the time; the others measure or take all processors.
          fileParallelism: name === 'walks',
          pool: 'forks' as const,
        },
      })),
    ],
  },
})
