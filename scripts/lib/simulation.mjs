// Bundles the simulation, as it is or with a bug planted in it, and runs seeds of it in worker processes.
import { spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { build } from 'esbuild'

/**
 * Bugs that the simulation must find: text of a source, and what stands there instead. `seed` found it when last looked
 * at: a test begins there.
 */
export const plantedBugs = {
  'high watermark ahead of the ISR': {
    seed: 3,
    file: 'broker/replication/partition-state.ts',
    text: 'if (holdsBack) candidate = follower.logEndOffset',
    instead: 'void holdsBack',
  },
  'a vote that is not kept': {
    seed: 15,
    file: 'broker/raft/quorum-state-file.ts',
    text: 'votedId: election.votedId ?? -1,',
    instead: 'votedId: -1,',
  },
  'a sequence check off by one': {
    seed: 3,
    file: 'broker/log/producer-state.ts',
    text: 'firstSequence === lastSequence + 1 ||',
    instead: 'firstSequence === lastSequence + 1 || firstSequence === lastSequence + 2 ||',
  },
  'a marker written before its decision is durable': {
    seed: 8,
    file: 'broker/coordinator/transaction/shard.ts',
    text: 'this.#options.writer.write([transactionRecord(transactionalId, metadata, version)], done)',
    instead: `const isDecision = metadata !== null && isPrepared(metadata.state)
    this.#options.writer.write([transactionRecord(transactionalId, metadata, version)], (code) => {
      if (!isDecision) done(code)
    })
    if (isDecision) done(ErrorCode.NONE)`,
  },
  'a member that the group went on without commits': {
    seed: 14,
    file: 'broker/coordinator/group/classic-group.ts',
    text: `if (!this.members.has(memberId)) return ErrorCode.UNKNOWN_MEMBER_ID
    return generationId === this.generationId ? ErrorCode.NONE : ErrorCode.ILLEGAL_GENERATION`,
    instead: 'return generationId >= 0 ? ErrorCode.NONE : ErrorCode.ILLEGAL_GENERATION',
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

export const bundleSimulation = (outfile, bug = null) =>
  bundle('tests/simulation/main.ts', outfile, bug)

export async function bundle(entryPoint, outfile, bug = null) {
  await build({
    entryPoints: [entryPoint],
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
export async function runSeeds(bundleFile, seeds, onResult) {
  const { first, step, end, brokers = 0 } = seeds
  const ended = await runWorker(bundleFile, [first, step, end, brokers], onResult)
  if (ended !== 0) throw new Error(`a worker of the simulation ended with ${ended}`)
}

/**
 * Runs a bundle that prints JSON lines; resolves to its exit code or signal, to 0 when `onResult` returned true and it
 * was ended for that. It is killed after `limitMs`.
 */
export function runWorker(bundleFile, workerArgs, onResult, options = {}) {
  const { nodeArgs = [], limitMs = 24 * 3_600_000 } = options
  return new Promise((resolve, reject) => {
    const args = ['--enable-source-maps', ...nodeArgs, bundleFile, ...workerArgs].map(String)
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    const timer = setTimeout(() => child.kill('SIGKILL'), limitMs)
    let isEnough = false
    const lines = createInterface({ input: child.stdout })
    lines.on('line', (line) => {
      if (isEnough || onResult(JSON.parse(line)) !== true) return
      isEnough = true
      child.kill('SIGKILL')
    })
    child.on('error', reject)
    child.on('close', (code, signal) => {
      clearTimeout(timer)
      resolve(isEnough ? 0 : (code ?? signal))
    })
  })
}
