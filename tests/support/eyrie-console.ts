// The whole product for a browser test: `npm start`'s own command on free ports, set up by its one-time link.
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, chromium } from 'playwright-core'
import { freePort, root, until } from './eyrie-cluster.ts'

export interface EyrieConsole {
  url: string
  /** Of the supervisor. */
  pid: number
  dataDirectory: string
  /** From the first start: makes the first administrator; '' when the environment names one. */
  setupLink: string
  /** All that it has printed. */
  output(): string
  stop(): Promise<void>
}

export interface ConsolePlace {
  /** The clone that it is started in; this one unless told. */
  cwd?: string
  /** A data directory that stays when it stops; a new one that goes unless told. */
  dataDirectory?: string
  args?: string[]
  /** By npm, whose process is then the one that `pid` names. */
  isByNpm?: boolean
}

export async function startConsole(
  env: Record<string, string> = {},
  { cwd = root, dataDirectory: kept, args = [], isByNpm = false }: ConsolePlace = {},
): Promise<EyrieConsole> {
  const dataDirectory = kept ?? (await mkdtemp(join(tmpdir(), 'eyrie-e2e-')))
  const port = await freePort()
  const [command, first] = isByNpm
    ? ['npm', ['start', '--']]
    : [process.execPath, ['scripts/start.mjs']]
  const child: ChildProcess = spawn(
    command,
    [...first, '--port', String(port), '--data-dir', dataDirectory, ...args],
    {
      cwd,
      env: { ...process.env, EYRIE_BROKER_PORT: String(await freePort()), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  let text = ''
  const keep = (chunk: Buffer): void => {
    text += chunk.toString()
  }
  child.stdout?.on('data', keep)
  child.stderr?.on('data', keep)
  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null
  const stop = async (): Promise<void> => {
    if (!hasEnded()) {
      child.kill('SIGTERM')
      await until('it stops', hasEnded)
    }
    if (kept === undefined) await rm(dataDirectory, { recursive: true, force: true })
  }
  const link = (): string | undefined => /http:\S+\/setup\?token=\S+/.exec(text)?.[0]
  const isReady = (): boolean => {
    if (hasEnded()) throw new Error(`npm start ended:\n${text}`)
    const hasDoor = link() !== undefined || env.EYRIE_ADMIN_EMAIL !== undefined
    return text.includes('The console is at') && hasDoor
  }
  try {
    await until('the console serves and prints its one-time link', isReady, 300_000)
  } catch (error) {
    await stop()
    throw new Error(`${(error as Error).message}\n${text}`)
  }
  const url = `http://127.0.0.1:${port}`
  const pid = child.pid as number
  return { url, pid, dataDirectory, setupLink: link() ?? '', output: () => text, stop }
}

/** Debian's chromium, or the one that `npm test` found or fetched. */
export function launchBrowser(): Promise<Browser> {
  const usual = [process.env.CHROMIUM_PATH, '/usr/bin/chromium', '/usr/bin/google-chrome']
  const executablePath = usual.find((path) => path !== undefined && existsSync(path))
  return chromium.launch({
    executablePath: executablePath ?? chromium.executablePath(),
    timeout: 120_000,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
}
