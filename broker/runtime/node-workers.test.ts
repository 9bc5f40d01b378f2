// Worker threads as the broker uses them: real threads over a bundle made for the test.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createNodeRuntime } from './node-runtime.ts'
import type { Runtime, WorkerTask } from './runtime.ts'

interface Input {
  path: string
  bytes: ArrayBuffer
}

/** Its body runs in the bundle; here only the name and the types count. */
const sum: WorkerTask<Input, { sum: number; text: string }, number> = {
  name: 'sum',
  run: () => Promise.reject(new Error('ran on the event loop')),
}
const die: WorkerTask<null, null> = { name: 'die', run: sum.run as never }

const SOURCE = `
import { serveTasks } from '${resolve('broker/runtime/node-worker-host.ts')}'
serveTasks([
  { name: 'sum', async run({ disk, report, logger }, { path, bytes }) {
    const view = new Uint8Array(bytes)
    let sum = 0
    for (const byte of view) sum += byte
    report(view.length)
    logger.child('[Sum]').log('info', 'summed', { sum, error: new Error('none') })
    return { sum, text: (await disk.readFile(path)).toString() }
  } },
  { name: 'endless', run: () => { for (;;); } },
  { name: 'die', run: async () => process.exit(3) },
])`

const lines: string[] = []
let directory = ''
let runtime: Runtime

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'eyrie-workers-'))
  const outfile = join(directory, 'worker.mjs')
  await build({
    stdin: { contents: SOURCE, resolveDir: process.cwd(), loader: 'ts' },
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
  })
  runtime = createNodeRuntime({
    writeLine: (line) => lines.push(line),
    workerScript: pathToFileURL(outfile),
    workerThreadsMax: 2,
  })
})

afterAll(async () => {
  await runtime.workers.close()
  await rm(directory, { recursive: true })
})

test('a task gets its input, reaches the disk, reports, logs and answers', async () => {
  const path = join(directory, 'file')
  await writeFile(path, 'content')
  const progress: number[] = []
  const bytes = new Uint8Array([1, 2, 3]).buffer
  const answer = await runtime.workers.run(
    sum,
    { path, bytes },
    { onProgress: (count) => progress.push(count), transfer: [bytes] },
  )
  expect(answer).toEqual({ sum: 6, text: 'content' })
  expect(progress).toEqual([3])
  expect(bytes.byteLength).toBe(0)
  expect(lines.join('')).toContain('INFO [Sum] summed sum=6 error="Error: none"')
})

test('a failing task rejects with its code; many wait for few threads', async () => {
  const bytes = new ArrayBuffer(1)
  const missing = runtime.workers.run(sum, { path: join(directory, 'absent'), bytes })
  await expect(missing).rejects.toMatchObject({ code: 'ENOENT' })
  const path = join(directory, 'file')
  const many = Array.from({ length: 20 }, () => runtime.workers.run(sum, { path, bytes }))
  expect(await Promise.all(many)).toHaveLength(20)
})

test('a thread that dies fails its own task only', async () => {
  const path = join(directory, 'file')
  const dead = runtime.workers.run(die, null)
  const alive = runtime.workers.run(sum, { path, bytes: new ArrayBuffer(2) })
  await expect(dead).rejects.toMatchObject({ code: 'EWORKER' })
  expect((await alive).sum).toBe(0)
  expect((await runtime.workers.run(sum, { path, bytes: new ArrayBuffer(2) })).sum).toBe(0)
})

test('a task is given up, waiting or under way', async () => {
  const path = join(directory, 'file')
  const endless: WorkerTask<null, null> = { name: 'endless', run: sum.run as never }
  const stop = new AbortController()
  const { signal } = stop
  const given = [1, 2, 3].map(() => runtime.workers.run(endless, null, { signal }))
  stop.abort()
  for (const outcome of await Promise.allSettled(given)) {
    expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'EWORKER' } })
  }
  expect((await runtime.workers.run(sum, { path, bytes: new ArrayBuffer(2) })).sum).toBe(0)
})

test('what cannot be cloned and what comes after closing is refused', async () => {
  const path = (() => 'x') as never
  await expect(runtime.workers.run(sum, { path, bytes: new ArrayBuffer(1) })).rejects.toThrow(
    /could not be cloned/,
  )
  const other = createNodeRuntime({ workerScript: new URL('file:///nowhere.mjs') })
  await other.workers.close()
  await expect(other.workers.run(die, null)).rejects.toMatchObject({ code: 'EWORKER' })
})
