// Which partition of an internal topic keeps a group. Pure; every broker and client must agree on it.

/** Java's String.hashCode. */
export function javaHashCode(text: string): number {
  let hash = 0
  for (let i = 0; i < text.length; i++) hash = (Math.imul(31, hash) + text.charCodeAt(i)) | 0
  return hash
}

/** abs(hashCode) % partitionCount; the one hash without a positive counterpart counts as 0. */
export function partitionForKey(key: string, partitionCount: number): number {
  const hash = javaHashCode(key)
  return (hash === -0x8000_0000 ? 0 : Math.abs(hash)) % partitionCount
}
