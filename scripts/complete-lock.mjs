// Completes package-lock.json with the builds for other platforms. A registry that does not carry all of them
// makes npm leave them out, and `npm ci` then refuses the lock file, on every platform. Run after `npm install`.
import { readFileSync, writeFileSync } from 'node:fs'

const systems = [
  'darwin',
  'linux',
  'win32',
  'android',
  'freebsd',
  'openbsd',
  'netbsd',
  'openharmony',
  'sunos',
  'aix',
]
const processors = [
  'arm64',
  'x64',
  'ia32',
  'arm',
  'ppc64',
  's390x',
  'riscv64',
  'loong64',
  'mips64el',
  'wasm32',
]

/** What a package is for, read off its name: `@next/swc-linux-x64-musl`. */
export function platformOf(name) {
  const words = name.split('/').at(-1).replace('armv7', 'arm').split(/[-.]/)
  const platform = {}
  const cpu =
    words.find((word) => processors.includes(word)) ??
    (words.includes('universal') ? null : undefined)
  const os = words.find((word) => systems.includes(word))
  if (cpu) platform.cpu = [cpu]
  if (os) platform.os = [os]
  if (os === 'linux' && words.some((word) => word.startsWith('musl'))) platform.libc = ['musl']
  if (os === 'linux' && words.some((word) => word.startsWith('gnu'))) platform.libc = ['glibc']
  return platform
}

export function complete(lock) {
  const added = []
  for (const [path, entry] of Object.entries(lock.packages)) {
    const folder = `${path.slice(0, path.lastIndexOf('node_modules/'))}node_modules/`
    for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
      const places = [`${path}/node_modules/${name}`, `${folder}${name}`, `node_modules/${name}`]
      if (places.some((place) => lock.packages[place]?.version === version)) continue
      if (!/^\d/.test(version)) continue
      const platform = platformOf(name)
      if (platform.os === undefined && platform.cpu === undefined) continue
      const flags = entry.dev ? { dev: true } : {}
      lock.packages[`${folder}${name}`] = { version, ...platform, ...flags, optional: true }
      added.push(`${name}@${version}`)
    }
  }
  const sorted = Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1))
  lock.packages = Object.fromEntries(sorted)
  return added
}

const url = new URL('../package-lock.json', import.meta.url)
const lock = JSON.parse(readFileSync(url, 'utf8'))
const added = complete(lock)
writeFileSync(url, `${JSON.stringify(lock, null, 2)}\n`)
console.log(`package-lock.json: ${added.length} builds for other platforms added`)
