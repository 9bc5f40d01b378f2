export interface PrometheusSample {
  readonly name: string
  readonly labels: ReadonlyMap<string, string>
  readonly value: number
}

const COMMENT = '#'.charCodeAt(0)
const NAME = /^[a-zA-Z_:][\w:]*/
const LINE = /^([a-zA-Z_:][\w:]*)\s*(?:\{(.*)\})?\s+(\S+)(?:\s+-?\d+)?\s*$/
const LABEL = /([a-zA-Z_]\w*)\s*=\s*"((?:[^"\\]|\\.)*)"/g
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', '"': '"', '\\': '\\' }

/**
 * Prometheus's text form, version 0.0.4. Of the thousands of lines of a broker few are ever asked
 * for: the rest are only told apart by name. Comments, what cannot be read and values that are no
 * number (NaN, Inf) are left out.
 */
export class PrometheusText {
  /** Lines by metric name in lower case, since rules may lower names. */
  readonly #lines = new Map<string, string[]>()
  readonly #samples = new Map<string, readonly PrometheusSample[]>()

  constructor(text: string) {
    let from = 0
    while (from < text.length) {
      const newline = text.indexOf('\n', from)
      const to = newline === -1 ? text.length : newline
      if (text.charCodeAt(from) !== COMMENT) this.#add(text.slice(from, to))
      from = to + 1
    }
  }

  get isEmpty(): boolean {
    return this.#lines.size === 0
  }

  /** `name` in lower case. */
  samplesOf(name: string): readonly PrometheusSample[] {
    const known = this.#samples.get(name)
    if (known !== undefined) return known
    const samples = (this.#lines.get(name) ?? []).flatMap(parseLine)
    this.#samples.set(name, samples)
    return samples
  }

  #add(line: string): void {
    const name = NAME.exec(line)?.[0].toLowerCase()
    if (name === undefined || !LINE.test(line)) return
    const lines = this.#lines.get(name)
    if (lines === undefined) this.#lines.set(name, [line])
    else lines.push(line)
  }
}

function parseLine(line: string): PrometheusSample[] {
  const match = LINE.exec(line)
  const value = Number(match?.[3])
  if (match?.[1] === undefined || !Number.isFinite(value)) return []
  return [{ name: match[1], labels: labelsOf(match[2] ?? ''), value }]
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
