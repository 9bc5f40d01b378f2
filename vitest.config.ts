import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const never = ['node_modules/**', '.next/**', 'dist/**', 'data/**']
const slow = ['tests/integration/**', 'tests/compat/**', 'tests/e2e/**', 'tests/walks/**']

/**
 * unit: beside the sources, without processes or ports. integration: real brokers and kafkajs.
 * e2e: Chromium on every page of the real console; walks: all that can be done on them. compat: Apache's tools and other clients (.ci/run installs them).
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
          testTimeout: 30_000,
          pool: 'threads',
        },
      },
      ...['integration', 'e2e', 'walks', 'compat'].map((name) => ({
        extends: true as const,
        test: {
          name,
          include: [`tests/${name}/**/*.test.ts`],
          exclude: never,
          testTimeout: 240_000,
          hookTimeout: 240_000,
          fileParallelism: false,
          pool: 'forks' as const,
        },
      })),
    ],
  },
})
