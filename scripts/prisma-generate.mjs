// Writes the database clients, one for each database Eyrie can use, below server/db. Prisma's
// command line wants a schema engine, which generating never runs: any executable stands in, so
// nothing is downloaded.
import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { PROVIDERS } from './lib/derived-schema.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const cli = createRequire(import.meta.url).resolve('prisma/build/index.js')

function generate(schema) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [cli, 'generate', '--schema', schema], {
      cwd: root,
      stdio: ['ignore', 'ignore', 'inherit'],
      env: {
        ...process.env,
        PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
        PRISMA_HIDE_UPDATE_MESSAGE: '1',
        CHECKPOINT_DISABLE: '1',
      },
    })
    child.on('error', () => resolve(1))
    child.on('close', (code) => resolve(code ?? 1))
  })
}

const folders = ['prisma', ...PROVIDERS.map((provider) => `prisma/${provider}`)]
const codes = await Promise.all(folders.map((folder) => generate(`${folder}/schema.prisma`)))
process.exit(Math.max(...codes))
