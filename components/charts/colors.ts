export const PALETTE_SIZE = 8

export type SeriesLook = {
  /** A CSS colour that follows the theme. */
  readonly color: string
  /** Tells series of the same colour apart; undefined: a solid line. */
  readonly dash: string | undefined
  /** Of another time: fainter than what is now. */
  readonly isGhost?: boolean
}

const GHOST_DASH = '3 3'
const DASHES = [undefined, '7 3', '2 3', '9 3 2 3'] as const

const hash = (text: string): number => {
  let value = 2166136261
  for (let i = 0; i < text.length; i += 1) {
    value = Math.imul(value ^ text.charCodeAt(i), 16777619)
  }
  return value >>> 0
}

/** `broker:3` counts round the palette, so that neighbours differ; all else by hash. */
export const paletteIndex = (key: string): number => {
  const numbered = /^(?:broker|partition):(\d+)$/.exec(key)
  if (numbered) return (Number(numbered[1]) + PALETTE_SIZE - 1) % PALETTE_SIZE
  return hash(key) % PALETTE_SIZE
}

/**
 * The same key has the same colour on every chart. Where two of one chart share a colour, the later is
 * dashed rather than recoloured.
 */
export const seriesLooks = (
  series: readonly {
    readonly key: string
    readonly isOthers?: boolean
    readonly isGhost?: boolean
  }[],
): SeriesLook[] => {
  const used = new Map<number, number>()
  return series.map(({ key, isOthers, isGhost }) => {
    if (isGhost) {
      const color = isOthers ? 'var(--series-others)' : `var(--series-${paletteIndex(key) + 1})`
      return { color, dash: GHOST_DASH, isGhost }
    }
    if (isOthers) return { color: 'var(--series-others)', dash: undefined }
    const index = paletteIndex(key)
    const times = used.get(index) ?? 0
    used.set(index, times + 1)
    return { color: `var(--series-${index + 1})`, dash: DASHES[times % DASHES.length] }
  })
}

export const looksOf = (
  series: readonly {
    readonly name: string
    readonly colorKey?: string
    readonly isOthers?: boolean
    readonly isGhost?: boolean
  }[],
): SeriesLook[] =>
  seriesLooks(
    series.map((one) => ({
      key: one.colorKey ?? one.name,
      isOthers: one.isOthers === true,
      isGhost: one.isGhost === true,
    })),
  )
