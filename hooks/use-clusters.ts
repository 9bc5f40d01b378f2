'use client'

import { useEffect } from 'react'
import {
  getClusterContract,
  listClustersContract,
  watchClusterContract,
} from '../contracts/clusters.ts'
import { callApi } from '../lib/api-client.ts'
import { keys } from './query-keys.ts'
import { useApiQuery } from './use-api-query.ts'

const WATCH_EVERY_MS = 20_000

export const useClusters = () =>
  useApiQuery({
    queryKey: keys.clusters,
    contract: listClustersContract,
    request: () => ({}),
    poll: 'live',
  })

export const useCluster = (cluster: string) =>
  useApiQuery({
    queryKey: [...keys.cluster(cluster), 'item'],
    contract: getClusterContract,
    request: () => ({ params: { cluster } }),
    poll: 'live',
  })

/** Tells the collector that somebody looks, while the page is in front. */
export const useWatchCluster = (cluster: string | null): void => {
  useEffect(() => {
    if (cluster === null) return
    const watch = () => {
      if (document.visibilityState !== 'visible') return
      // Only a hint: when it fails the page shows data at the collector's own pace.
      callApi(watchClusterContract, { params: { cluster } }).catch(() => undefined)
    }
    watch()
    const timer = setInterval(watch, WATCH_EVERY_MS)
    return () => clearInterval(timer)
  }, [cluster])
}
