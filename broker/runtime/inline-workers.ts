// Workers without threads: tasks run on the event loop of whoever asks, over the same doors to the world. Used by
// the simulation, by tests, and by a process that has no worker bundle. Clones what threads would clone.
import type { Runtime, Workers } from './runtime.ts'

export function createInlineWorkers(
  doors: Pick<Runtime, 'disk' | 'clock' | 'timers' | 'logger'>,
): Workers {
  return {
    async run(task, input, options = {}) {
      const { disk, clock, timers, logger } = doors
      const context = {
        disk,
        clock,
        timers,
        logger,
        report: (progress: Parameters<NonNullable<typeof options.onProgress>>[0]) =>
          options.onProgress?.(structuredClone(progress)),
      }
      const transfer = [...(options.transfer ?? [])]
      return structuredClone(await task.run(context, structuredClone(input, { transfer })))
    },
    close: async () => undefined,
  }
}
