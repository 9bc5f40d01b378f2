import type { ClusterColor } from '../../contracts/cluster-definitions.ts'
import { paletteIndex } from '../charts/colors.ts'

/** The palette without its teals, which would pass for the embedded cluster's accent. */
const NOT_TEAL = [1, 2, 4, 6, 7, 8, 2, 4] as const

const CHOSEN: Readonly<Record<ClusterColor, number>> = {
  blue: 1,
  orange: 2,
  teal: 3,
  pink: 4,
  sky: 5,
  brown: 6,
  violet: 7,
  olive: 8,
}

/** A cluster's colour: the square in the tree and the line under the top bar. */
export const clusterColor = (
  clusterId: string,
  chosen: ClusterColor | null | undefined = null,
): string => {
  if (chosen) return `var(--series-${CHOSEN[chosen]})`
  if (clusterId === 'embedded') return 'var(--accent)'
  return `var(--series-${NOT_TEAL[paletteIndex(clusterId)] ?? 1})`
}
