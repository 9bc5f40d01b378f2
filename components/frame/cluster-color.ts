import { paletteIndex } from '../charts/colors.ts'

/** The palette without its teals, which would pass for the embedded cluster's accent. */
const NOT_TEAL = [1, 2, 4, 6, 7, 8, 2, 4] as const

/** A cluster's colour: the square in the tree and the line under the top bar. */
export const clusterColor = (clusterId: string): string =>
  clusterId === 'embedded'
    ? 'var(--accent)'
    : `var(--series-${NOT_TEAL[paletteIndex(clusterId)] ?? 1})`
