// Log lines of a broker process: one line an event on a stream (stdout), level and fields as key=value.
// Made by node-runtime.ts. Lines not yet taken by the stream are lost in a crash.
import type { Logger, LogLevel } from './runtime.ts'

const RANK: Record<LogLevel, number> = { debug: 0, info: 1, warn: 2, error: 3 }
const LABEL: Record<LogLevel, string> = {
  debug: 'DEBUG',
  info: 'INFO',
  warn: 'WARN',
  error: 'ERROR',
}

export interface LoggerOptions {
  minLevel: LogLevel
  nowMs: () => number
  write: (line: string) => void
}

function printValue(value: unknown): string {
  if (value instanceof Error) {
    const code = 'code' in value && typeof value.code === 'string' ? `${value.code}: ` : ''
    return JSON.stringify(`${code}${value.stack ?? value.message}`)
  }
  if (typeof value === 'string')
    return /[\s"=]/.test(value) || value === '' ? JSON.stringify(value) : value
  if (typeof value === 'object' && value !== null) return JSON.stringify(value) ?? String(value)
  return String(value)
}

/** `2026-01-31T10:00:00.000Z WARN [prefix] message key=value`, without the line end. */
export function formatLine(
  atMs: number,
  level: LogLevel,
  message: string,
  fields?: Readonly<Record<string, unknown>>,
): string {
  let line = `${new Date(atMs).toISOString()} ${LABEL[level]} ${message.replaceAll('\n', ' ')}`
  if (fields !== undefined) {
    for (const [key, value] of Object.entries(fields)) line += ` ${key}=${printValue(value)}`
  }
  return line
}

export function createLogger(options: LoggerOptions, prefix = ''): Logger {
  const lead = prefix === '' ? '' : `${prefix} `
  return {
    log(level, message, fields) {
      if (RANK[level] < RANK[options.minLevel]) return
      options.write(`${formatLine(options.nowMs(), level, lead + message, fields)}\n`)
    },
    child: (inner) => createLogger(options, prefix === '' ? inner : `${prefix} ${inner}`),
  }
}
