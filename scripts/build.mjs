// Bundles the processes that are not Next: broker, supervisor, cluster command, collector, sample
// traffic. Native and wasm packages stay outside the bundles and are loaded when first used.
import { existsSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'

const entries = {
  broker: 'broker/main.ts',
  worker: 'broker/worker.ts',
  supervisor: 'supervisor/main.ts',
  cluster: 'supervisor/cluster-main.ts',
  collector: 'server/collector/main.ts',
  sample: 'server/sample/main.ts',
  database: 'server/db/transfer-main.ts',
}

/** @param {string[]} names which of the entries; all that exist unless given */
export async function bundle(names = Object.keys(entries)) {
  // The broker starts its worker threads from the bundle beside its own.
  const all = new Set(names.includes('broker') ? [...names, 'worker'] : names)
  const chosen = [...all].filter((name) => existsSync(entries[name]))
  await build({
    entryPoints: Object.fromEntries(chosen.map((name) => [name, entries[name]])),
    outdir: 'dist',
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: false,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    packages: 'external',
    sourcemap: 'linked',
    logLevel: 'warning',
    alias: { '@': '.' },
  })
  return chosen
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const names = process.argv.slice(2)
  console.log(`dist: ${(await bundle(names.length > 0 ? names : undefined)).join(', ')}`)
}
