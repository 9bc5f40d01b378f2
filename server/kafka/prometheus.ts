export interface PrometheusSample {
  readonly name: string
  readonly labels: ReadonlyMap<string, string>
  readonly value: number
}

const LINE = /^([a-zA-Z_:][\w:]*)\s*(?:\{(.*)\})?\s+(\S+)(?:\s+-?\d+)?\s*$/
const LABEL = /([a-zA-Z_]\w*)\s*=\s*"((?:[^"\\]|\\.)*)"/g
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', '"': '"', '\\': '\\' }

/**
 * Prometheus's text form, version 0.0.4. Comments, what cannot be read and values that are no
 * number (NaN, Inf) are left out.
 */
export function parsePrometheus(text: string): PrometheusSample[] {
  const samples: PrometheusSample[] = []
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue
    const match = LINE.exec(line)
    const value = Number(match?.[3])
    if (match?.[1] === undefined || !Number.isFinite(value)) continue
    samples.push({ name: match[1], labels: labelsOf(match[2] ?? ''), value })
  }
  return samples
}

function labelsOf(text: string): Map<string, string> {
  const labels = new Map<string, string>()
  for (const [, name = '', raw = ''] of text.matchAll(LABEL)) {
    labels.set(
      name,
      raw.replace(/\\(.)/g, (whole, char: string) => ESCAPES[char] ?? whole),
    )
  }
  return labels
}
