import { paletteIndex } from '../charts/colors.ts'

/** A cluster's colour: the square in the tree and the line under the top bar. */
export const clusterColor = (clusterId: string): string =>
  clusterId === 'embedded' ? 'var(--accent)' : `var(--series-${paletteIndex(clusterId) + 1})`
