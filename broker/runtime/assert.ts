// Broken invariants: on in production. A failed assertion takes the broker down, because going on could
// damage data; the process exits and the rest of the cluster carries on.

export class AssertionError extends Error {
  override readonly name = 'AssertionError'
}

/** Throws AssertionError when `condition` is false. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new AssertionError(message)
}
