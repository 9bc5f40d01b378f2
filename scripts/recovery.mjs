// npm run recovery: how fast logs that an unclean stop left unflushed are checked, from the page cache.
//   node scripts/recovery.mjs [--batch-bytes N] [--dir DIR]   (1.7 GB are written there, /tmp unless given)
//   --factor X: ends with 1 when less than a gigabyte a second over X is recovered

import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { build } from 'esbuild'

const { values } = parseArgs({
  options: {
    'batch-bytes': { type: 'string', default: '16384' },
    dir: { type: 'string' },
    factor: { type: 'string', default: '' },
  },
})
const work = await mkdtemp(join(values.dir ? resolve(values.dir) : tmpdir(), 'eyrie-recovery-'))
try {
  await build({
    entryPoints: { recovery: 'tests/bench/recovery.ts', worker: 'broker/worker.ts' },
    outdir: 'dist/bench',
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    packages: 'external',
    logLevel: 'warning',
  })
  const args = ['dist/bench/recovery.mjs', join(work, 'data'), resolve('dist/bench/worker.mjs')]
  const child = spawn(process.execPath, [...args, values['batch-bytes'], values.factor], {
    stdio: 'inherit',
  })
  process.exitCode = await new Promise((done) => child.on('exit', (code) => done(code ?? 1)))
} finally {
  await rm(work, { recursive: true, force: true })
}
