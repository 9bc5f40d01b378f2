// What a fresh clone needs before anything runs: packages, generated client, bundles, the Next build.
// Each step runs only when what it depends on has changed (a hash of it is kept in .eyrie-setup/).
// Plain JavaScript on Node's own modules: nothing is installed yet.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../..', import.meta.url))
const stampDirectory = join(root, '.eyrie-setup')
const startedMs = Date.now()

/** One line with the time since the start. */
export function say(text) {
  const seconds = ((Date.now() - startedMs) / 1000).toFixed(1).padStart(5)
  console.log(`${seconds} s  ${text}`)
}

export function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major > 20 || (major === 20 && minor >= 19)) return
  console.error(
    `Eyrie needs Node 20.19 or newer; this is ${process.version}. Install a newer Node and start again.`,
  )
  process.exit(1)
}

function* filesBelow(path) {
  if (!existsSync(join(root, path))) return
  const entries = readdirSync(join(root, path), { withFileTypes: true })
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const inner = `${path}/${entry.name}`
    if (entry.name === 'generated' || entry.name === 'node_modules') continue
    if (entry.isDirectory()) yield* filesBelow(inner)
    else if (!/\.test\.tsx?$/.test(entry.name)) yield inner
  }
}

function hashOf(paths) {
  const hash = createHash('sha256')
  hash.update(process.versions.node.split('.')[0] ?? '')
  for (const path of paths) {
    const files = existsSync(join(root, path)) && /\.[a-z]+$/.test(path) ? [path] : filesBelow(path)
    for (const file of files) {
      hash.update(`\0${file}\0`)
      hash.update(readFileSync(join(root, file)))
    }
  }
  return hash.digest('hex')
}

/** What ends this process ends what it runs as well. */
const ENDINGS = ['SIGHUP', 'SIGINT', 'SIGTERM']

/**
 * Runs a program, its output shown only when it fails. Rejects with the last lines of it. A signal that ends this
 * process goes to the program first; this process ends when it has.
 */
export function run(command, args, { env = {}, show = false } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: show ? 'inherit' : ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    const keep = (chunk) => {
      output = (output + chunk).slice(-20_000)
    }
    child.stdout?.on('data', keep)
    child.stderr?.on('data', keep)
    let ending = null
    const passOn = (signal) => {
      // A terminal has interrupted the program already; twice would mean: at once.
      const isKnown = signal === 'SIGINT' && process.stdin.isTTY
      // Asked twice, it waits no longer.
      if (!isKnown) child.kill(ending === null ? signal : 'SIGKILL')
      ending = signal
    }
    for (const signal of ENDINGS) process.on(signal, passOn)
    const finish = () => {
      for (const signal of ENDINGS) process.off(signal, passOn)
      // With no listener left the signal ends this process as it would have at once.
      if (ending !== null) process.kill(process.pid, ending)
    }
    child.on('error', (error) => {
      finish()
      reject(error)
    })
    child.on('close', (code) => {
      finish()
      if (code === 0) resolve(output)
      else reject(new Error(`${command} ${args.join(' ')} failed (${code})\n${output}`))
    })
  })
}

/** Does `work` unless it was done for the same inputs and its results are still there. */
export async function step({ name, title, inputs, results, work }) {
  mkdirSync(stampDirectory, { recursive: true })
  const stamp = join(stampDirectory, name)
  const hash = hashOf(inputs)
  const isDone =
    existsSync(stamp) &&
    readFileSync(stamp, 'utf8') === hash &&
    results.every((path) => existsSync(join(root, path)))
  if (isDone) return false
  say(`${title} …`)
  const beganMs = Date.now()
  rmSync(stamp, { force: true })
  await work()
  writeFileSync(stamp, hash)
  say(`${title}: done in ${((Date.now() - beganMs) / 1000).toFixed(1)} s`)
  return true
}

const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'

export function installPackages() {
  return step({
    name: 'packages',
    title: 'Installing packages (npm ci)',
    inputs: ['package.json', 'package-lock.json'],
    results: ['node_modules/next/package.json', 'node_modules/esbuild/package.json'],
    work: () => run(npm, ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']),
  })
}

export function bundleProcesses(names) {
  const sources = ['broker', 'protocol', 'supervisor', 'scripts/build.mjs', 'package-lock.json']
  const all = names === undefined
  return step({
    name: all ? 'bundles' : `bundles-${names.join('-')}`,
    title: 'Bundling broker and supervisor',
    inputs: all ? [...sources, 'server', 'contracts', 'lib', 'prisma'] : sources,
    results: [...(names ?? ['broker', 'supervisor', 'cluster', 'collector']), 'worker'].map(
      (name) => `dist/${name}.mjs`,
    ),
    work: async () => {
      const { bundle } = await import('../build.mjs')
      await bundle(names)
    },
  })
}

export function generateClient() {
  return step({
    name: 'prisma',
    title: 'Generating the database clients',
    inputs: [
      'prisma/schema.prisma',
      'prisma/postgresql/schema.prisma',
      'prisma/mysql/schema.prisma',
      'prisma.config.ts',
      'scripts/prisma-generate.mjs',
      'package-lock.json',
    ],
    results: ['', 'postgresql/', 'mysql/'].map((folder) => `server/db/${folder}generated`),
    work: () => run(process.execPath, ['scripts/prisma-generate.mjs']),
  })
}

export function buildNext() {
  return step({
    name: 'next',
    title: 'Building the console (next build)',
    inputs: [
      'app',
      'components',
      'hooks',
      'contracts',
      'lib',
      'server',
      'protocol',
      'messages',
      'i18n',
      'public',
      'prisma',
      'supervisor/client.ts',
      'supervisor/layout.ts',
      'next.config.js',
      'instrumentation.ts',
      'proxy.ts',
      'postcss.config.mjs',
      'tsconfig.json',
      'package-lock.json',
    ],
    results: ['.next/BUILD_ID'],
    work: () =>
      run(process.execPath, ['node_modules/next/dist/bin/next', 'build'], {
        env: { NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1' },
      }),
  })
}

/**
 * Everything that `npm start` stands on. `dev`: without the Next build. `beside`: for a Next that somebody started
 * by hand and that runs from these packages now, so they are not installed anew underneath it.
 */
export async function setUp({ dev = false, beside = false } = {}) {
  checkNode()
  if (!beside) await installPackages()
  await generateClient()
  await bundleProcesses()
  if (!dev && !beside) await buildNext()
}
