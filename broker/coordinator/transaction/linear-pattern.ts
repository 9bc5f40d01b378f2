// Regular expressions from requests, matched in time linear in the text: a pattern must not be able to stop the
// broker, so JavaScript's backtracking engine is out. A Thompson automaton over the syntax of RE2 that people
// use: literals, ., classes, \d \w \s, groups, |, *, +, ?, {m,n}; the whole text must match.
type CharTest = (code: number) => boolean

type Node =
  | { type: 'char'; test: CharTest }
  | { type: 'concat'; parts: readonly Node[] }
  | { type: 'either'; options: readonly Node[] }
  | { type: 'repeat'; node: Node; min: number; max: number }

export interface LinearPattern {
  matches(text: string): boolean
}

/** Bounds the automaton, and with it time and memory, whatever is asked for. */
const MAX_STATES = 10_000
const MAX_REPEAT = 1000
const MAX_DEPTH = 200

class PatternError extends Error {}

const isDigit: CharTest = (c) => c >= 48 && c <= 57
const isSpace: CharTest = (c) => c === 32 || (c >= 9 && c <= 13 && c !== 11)
const isWord: CharTest = (c) =>
  isDigit(c) || (c >= 65 && c <= 90) || (c >= 97 && c <= 122) || c === 95
const not =
  (test: CharTest): CharTest =>
  (c) =>
    !test(c)
const classes: Readonly<Record<string, CharTest>> = {
  d: isDigit,
  D: not(isDigit),
  w: isWord,
  W: not(isWord),
  s: isSpace,
  S: not(isSpace),
}
const controls: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', f: '\f', v: '\v' }

class Parser {
  readonly #chars: readonly string[]
  #at = 0
  #depth = 0

  constructor(pattern: string) {
    this.#chars = [...pattern]
  }

  parse(): Node {
    const node = this.#either()
    if (this.#at < this.#chars.length) throw new PatternError('unmatched )')
    return node
  }

  #peek(): string | undefined {
    return this.#chars[this.#at]
  }

  #take(char: string): boolean {
    if (this.#peek() !== char) return false
    this.#at += 1
    return true
  }

  #next(): string {
    const char = this.#chars[this.#at]
    if (char === undefined) throw new PatternError('ends too early')
    this.#at += 1
    return char
  }

  #either(): Node {
    this.#depth += 1
    if (this.#depth > MAX_DEPTH) throw new PatternError('nested too deeply')
    const options = [this.#concat()]
    while (this.#take('|')) options.push(this.#concat())
    this.#depth -= 1
    return options.length === 1 && options[0] ? options[0] : { type: 'either', options }
  }

  #concat(): Node {
    const parts: Node[] = []
    for (;;) {
      const char = this.#peek()
      if (char === undefined || char === '|' || char === ')') return { type: 'concat', parts }
      // The whole text must match, so an anchor says nothing where it can be true.
      if (char === '^' && parts.length === 0) this.#at += 1
      else if (char === '$' && this.#isAtEnd()) this.#at += 1
      else parts.push(this.#repeat(this.#atom()))
    }
  }

  #isAtEnd(): boolean {
    const after = this.#chars[this.#at + 1]
    return after === undefined || after === ')' || after === '|'
  }

  #repeat(atom: Node): Node {
    let node = atom
    for (;;) {
      const range = this.#range()
      if (range === null) return node
      this.#take('?')
      node = { type: 'repeat', node, ...range }
    }
  }

  #range(): { min: number; max: number } | null {
    if (this.#take('*')) return { min: 0, max: Number.POSITIVE_INFINITY }
    if (this.#take('+')) return { min: 1, max: Number.POSITIVE_INFINITY }
    if (this.#take('?')) return { min: 0, max: 1 }
    if (this.#peek() !== '{') return null
    const rest = this.#chars.slice(this.#at, this.#at + 12).join('')
    const found = /^\{(\d+)(,(\d*))?\}/.exec(rest)
    if (found === null) return null
    this.#at += found[0].length
    const min = Number(found[1])
    const open = found[3] === '' ? Number.POSITIVE_INFINITY : Number(found[3])
    const max = found[2] === undefined ? min : open
    const isTooLarge = min > MAX_REPEAT || (max !== Number.POSITIVE_INFINITY && max > MAX_REPEAT)
    if (isTooLarge || max < min) throw new PatternError('bad repetition')
    return { min, max }
  }

  #atom(): Node {
    const char = this.#next()
    if (char === '(') return this.#group()
    if (char === '[') return { type: 'char', test: this.#set() }
    if (char === '.') return { type: 'char', test: (c) => c !== 10 }
    if (char === '\\') return { type: 'char', test: this.#escape() }
    if (char === '*' || char === '+' || char === '?') throw new PatternError('nothing to repeat')
    return { type: 'char', test: literal(char) }
  }

  #group(): Node {
    if (this.#take('?')) {
      if (!this.#take(':')) throw new PatternError('unknown kind of group')
    }
    const node = this.#either()
    if (!this.#take(')')) throw new PatternError('missing )')
    return node
  }

  #escape(): CharTest {
    const char = this.#next()
    const known = classes[char]
    if (known !== undefined) return known
    const control = controls[char]
    if (control !== undefined) return literal(control)
    if (isWord(char.codePointAt(0) ?? 0)) throw new PatternError(`\\${char} is not known`)
    return literal(char)
  }

  #set(): CharTest {
    const isNegated = this.#take('^')
    const tests: CharTest[] = []
    for (let isFirst = true; isFirst || this.#peek() !== ']'; isFirst = false) {
      const start = this.#next()
      if (start === '\\') {
        tests.push(this.#escape())
        continue
      }
      const isRange = this.#peek() === '-' && this.#chars[this.#at + 1] !== ']'
      if (!isRange) {
        tests.push(literal(start))
        continue
      }
      this.#at += 1
      const first = start.codePointAt(0) ?? 0
      const last = this.#next().codePointAt(0) ?? 0
      if (last < first) throw new PatternError('bad range')
      tests.push((c) => c >= first && c <= last)
    }
    this.#at += 1
    const isIn: CharTest = (c) => tests.some((test) => test(c))
    return isNegated ? not(isIn) : isIn
  }
}

function literal(char: string): CharTest {
  const code = char.codePointAt(0)
  return (c) => c === code
}

/** A state either consumes a character (`test`) or branches without one. */
interface State {
  test: CharTest | null
  next: number[]
}

class Automaton implements LinearPattern {
  readonly #states: State[] = []
  readonly #start: number
  readonly #end: number

  constructor(node: Node) {
    this.#start = this.#add(null)
    this.#end = this.#build(node, this.#start)
  }

  #add(test: CharTest | null): number {
    if (this.#states.length >= MAX_STATES) throw new PatternError('too large')
    return this.#states.push({ test, next: [] }) - 1
  }

  #link(from: number, to: number): void {
    this.#states[from]?.next.push(to)
  }

  /** Appends the automaton of `node` behind `from`; gives the state in which it has matched. */
  #build(node: Node, from: number): number {
    switch (node.type) {
      case 'char': {
        const state = this.#add(node.test)
        this.#link(from, state)
        const end = this.#add(null)
        this.#link(state, end)
        return end
      }
      case 'concat':
        return node.parts.reduce((end, part) => this.#build(part, end), from)
      case 'either': {
        const end = this.#add(null)
        for (const option of node.options) {
          const start = this.#add(null)
          this.#link(from, start)
          this.#link(this.#build(option, start), end)
        }
        return end
      }
      case 'repeat':
        return this.#buildRepeat(node, from)
    }
  }

  #buildRepeat({ node, min, max }: Extract<Node, { type: 'repeat' }>, from: number): number {
    let end = from
    for (let i = 0; i < min; i++) end = this.#build(node, end)
    if (max === Number.POSITIVE_INFINITY) {
      const loop = this.#add(null)
      this.#link(end, loop)
      this.#link(this.#build(node, loop), loop)
      const out = this.#add(null)
      this.#link(loop, out)
      return out
    }
    const out = this.#add(null)
    this.#link(end, out)
    for (let i = min; i < max; i++) {
      end = this.#build(node, end)
      this.#link(end, out)
    }
    return out
  }

  matches(text: string): boolean {
    let current = this.#closure([this.#start])
    for (const char of text) {
      const code = char.codePointAt(0) ?? 0
      const reached: number[] = []
      for (const id of current) {
        const state = this.#states[id]
        if (state?.test?.(code)) reached.push(...state.next)
      }
      current = this.#closure(reached)
      if (current.size === 0) return false
    }
    return current.has(this.#end)
  }

  #closure(from: readonly number[]): Set<number> {
    const seen = new Set<number>()
    const open = [...from]
    for (let id = open.pop(); id !== undefined; id = open.pop()) {
      if (seen.has(id)) continue
      seen.add(id)
      const state = this.#states[id]
      if (state !== undefined && state.test === null) open.push(...state.next)
    }
    return seen
  }
}

export function compilePattern(pattern: string): LinearPattern | { error: string } {
  try {
    return new Automaton(new Parser(pattern).parse())
  } catch (error) {
    if (error instanceof PatternError) return { error: error.message }
    throw error
  }
}
