// For scripts that measure the console's services: their bundle, run on a database of their own that goes afterwards.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generateClient, installPackages } from './setup.mjs'

/** Runs `run` with what server/testing/<name>.ts exports; where it gives false, this process ends with 1. */
export async function withOwnDatabase(name, run) {
  await installPackages()
  await generateClient()
  const { build } = await import('esbuild')
  await build({
    entryPoints: { [name]: `server/testing/${name}.ts` },
    outdir: 'dist',
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    packages: 'external',
    logLevel: 'warning',
    alias: { '@': '.' },
  })
  const directory = await mkdtemp(join(tmpdir(), `eyrie-${name}-`))
  process.env.EYRIE_DATA_DIR = directory
  // Nothing listens there: what a page would ask of the cluster itself is refused at once.
  process.env.EYRIE_EMBEDDED_BOOTSTRAP = '127.0.0.1:1'
  try {
    process.exitCode = (await run(await import(`../../dist/${name}.mjs`))) ? 0 : 1
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}
