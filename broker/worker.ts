// What the worker threads of a broker run: every task that may be asked for, by name. Bundled beside broker/main.ts;
// broker/runtime/node-workers.ts starts it.
import { cleanTask } from './log/cleaner/clean-task.ts'
import { recompressTask } from './log/recompress-task.ts'
import { recoverTask } from './log/recover-task.ts'
import { serveTasks } from './runtime/node-worker-host.ts'

serveTasks([cleanTask, recompressTask, recoverTask])
