/** Where reading on begins: `down` with the offset after the next one to give, `up` with that one. */
export interface PageCursor {
  readonly direction: 'up' | 'down'
  /** Partition → offset; a partition that was read to its end is left out. */
  readonly positions: ReadonlyMap<number, number>
}

/** Short, since it travels in an address: `d0~1x.3~4z`, numbers in base 36. Null: nothing is left. */
export function encodePageCursor({ direction, positions }: PageCursor): string | null {
  if (positions.size === 0) return null
  const parts = [...positions].map(
    ([partition, offset]) => `${partition.toString(36)}~${offset.toString(36)}`,
  )
  return `${direction === 'down' ? 'd' : 'u'}${parts.join('.')}`
}

/** Of a text that fits the contract's pattern. */
export function decodePageCursor(text: string): PageCursor {
  const positions = new Map<number, number>()
  for (const part of text.slice(1).split('.')) {
    const [partition = '', offset = ''] = part.split('~')
    positions.set(Number.parseInt(partition, 36), Number.parseInt(offset, 36))
  }
  return { direction: text.startsWith('d') ? 'down' : 'up', positions }
}
