// Bundles the simulation, as it is or with a bug planted in it, and runs seeds of it in worker processes.
import { spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { build } from 'esbuild'

/** Bugs that the simulation must find: text of a source, and what stands there instead. */
export const plantedBugs = {
  'high watermark ahead of the ISR': {
    file: 'broker/replication/partition-state.ts',
    text: 'if (holdsBack) candidate = follower.logEndOffset',
    instead: 'void holdsBack',
  },
  'a vote that is not kept': {
    file: 'broker/raft/quorum-state-file.ts',
    text: 'votedId: election.votedId ?? -1,',
    instead: 'votedId: -1,',
  },
  'a sequence check off by one': {
    file: 'broker/log/producer-state.ts',
    text: 'firstSequence === lastSequence + 1 ||',
    instead: 'firstSequence === lastSequence + 1 || firstSequence === lastSequence + 2 ||',
  },
}

function plant({ file, text, instead }) {
  return {
    name: 'planted-bug',
    setup({ onLoad, onEnd }) {
      let isPlanted = false
      onLoad({ filter: /\.ts$/ }, async ({ path }) => {
        if (!path.replaceAll('\\', '/').endsWith(`/${file}`)) return
        const source = await readFile(path, 'utf8')
        if (!source.includes(text)) throw new Error(`${file} has no ${JSON.stringify(text)}`)
        isPlanted = true
        return { contents: source.replace(text, instead), loader: 'ts' }
      })
      onEnd(() => {
        if (!isPlanted) throw new Error(`${file} is no part of the simulation`)
      })
    },
  }
}

export async function bundleSimulation(outfile, bug = null) {
  await build({
    entryPoints: ['tests/simulation/main.ts'],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    packages: 'external',
    sourcemap: 'linked',
    logLevel: 'warning',
    plugins: bug === null ? [] : [plant(bug)],
  })
}

/** One worker over the seeds first, first + step … below end; `onResult` may return true to end it. */
export function runSeeds(bundle, seeds, onResult) {
  return new Promise((resolve, reject) => {
    const { first, step, end, brokers = 0 } = seeds
    const args = ['--enable-source-maps', bundle, first, step, end, brokers].map(String)
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    let isEnough = false
    const lines = createInterface({ input: child.stdout })
    lines.on('line', (line) => {
      if (isEnough || onResult(JSON.parse(line)) !== true) return
      isEnough = true
      child.kill('SIGKILL')
    })
    child.on('error', reject)
    child.on('close', (code, signal) => {
      if (code === 0 || isEnough) resolve()
      else reject(new Error(`a worker of the simulation ended with ${code ?? signal}`))
    })
  })
}
