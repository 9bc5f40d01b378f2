// Counts the error codes of a response, wherever its API has them: a walk compiled from the declaration of each
// version. Called by dispatch.ts for every response, so that ErrorsPerSec means what it means in Kafka. Pure.
import type { AnyApi } from '../../protocol/api.ts'
import { ErrorCode } from '../../protocol/errors.ts'
import type { FieldSpec } from '../../protocol/fields.ts'

/** Told once for each code of a response. */
export type MarkErrors = (errorCode: number, count: number) => void

interface Walk {
  readonly hasCode: boolean
  readonly into: readonly { readonly name: string; readonly walk: Walk }[]
}

type Node = Readonly<Record<string, unknown>>

export class ResponseErrors {
  readonly #api: AnyApi
  readonly #walks = new Map<number, Walk | null>()
  #noneCount = 0
  readonly #others = new Map<number, number>()

  constructor(api: AnyApi) {
    this.#api = api
  }

  /** A response without a place for errors in this version counts as one NONE. */
  count(response: unknown, version: number, mark: MarkErrors): void {
    const walk = this.#walkOf(version)
    if (walk === null) {
      mark(ErrorCode.NONE, 1)
      return
    }
    this.#visit(walk, response as Node)
    if (this.#noneCount > 0) mark(ErrorCode.NONE, this.#noneCount)
    this.#noneCount = 0
    if (this.#others.size === 0) return
    for (const [code, count] of this.#others) mark(code, count)
    this.#others.clear()
  }

  #walkOf(version: number): Walk | null {
    let walk = this.#walks.get(version)
    if (walk === undefined) {
      walk = compile(this.#api.responseFields, version)
      this.#walks.set(version, walk)
    }
    return walk
  }

  /** What a response leaves out has its default: no error. */
  #visit({ hasCode, into }: Walk, node: Node): void {
    if (hasCode) {
      const code = node.errorCode as number | undefined
      if (code === undefined || code === ErrorCode.NONE) this.#noneCount += 1
      else this.#others.set(code, (this.#others.get(code) ?? 0) + 1)
    }
    for (const { name, walk } of into) {
      const inner = node[name]
      if (Array.isArray(inner)) for (const item of inner) this.#visit(walk, item as Node)
      else if (inner !== null && inner !== undefined) this.#visit(walk, inner as Node)
    }
  }
}

/** null: no error code here or further in. */
function compile(fields: Readonly<Record<string, FieldSpec>>, version: number): Walk | null {
  let hasCode = false
  const into: { name: string; walk: Walk }[] = []
  for (const [name, spec] of Object.entries(fields)) {
    const { from, until = Number.POSITIVE_INFINITY } = spec
    if (version < from || version > until) continue
    if (name === 'errorCode') hasCode = true
    const inner = spec.fields ?? spec.element?.fields
    const walk = inner === undefined ? null : compile(inner, version)
    if (walk !== null) into.push({ name, walk })
  }
  return hasCode || into.length > 0 ? { hasCode, into } : null
}
