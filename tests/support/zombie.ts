// A process that has ended and that nobody has waited for, as a container without an init leaves them.
import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

export interface Zombie {
  readonly pid: number
  /** In clock ticks, as /proc tells it. */
  readonly start: string
  end(): void
}

/** Null where /proc is not there. */
export async function makeZombie(): Promise<Zombie | null> {
  // The shell becomes a program that does not wait for its children.
  const script = 'sleep 0 & echo $!; exec sleep 600'
  const parent: ChildProcess = spawn('sh', ['-c', script], { stdio: ['ignore', 'pipe', 'ignore'] })
  const pid = await new Promise<number>((resolve) =>
    parent.stdout?.once('data', (chunk: Buffer) => resolve(Number(chunk.toString()))),
  )
  for (;;) {
    const stat = statOf(pid)
    if (stat === null || stat.state === 'Z') {
      if (stat === null) parent.kill()
      return stat && { pid, start: stat.start, end: () => parent.kill() }
    }
    await sleep(10)
  }
}

function statOf(pid: number): { state: string; start: string } | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return { state: fields[0] ?? '', start: fields[19] ?? '' }
  } catch {
    return null
  }
}
