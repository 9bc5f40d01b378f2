'use client'

import { useClusters } from './use-clusters.ts'

/**
 * The name to be typed before something is destroyed on this cluster; null: it is no production. While that is not
 * known it is taken for one, by its id.
 */
export const useProductionName = (cluster: string): string | null => {
  const clusters = useClusters()
  const item = clusters.data?.items.find((one) => one.id === cluster)
  if (item === undefined) return cluster
  return item.isProduction ? item.name : null
}
