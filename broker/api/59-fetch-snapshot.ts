// FetchSnapshot, versions 0 to 1, on the controller listener: pieces of a metadata snapshot.
import { FetchSnapshot } from '../../protocol/schemas/59-fetch-snapshot.ts'
import { demandOnCluster } from './forward.ts'
import { defineHandler } from './types.ts'

export const fetchSnapshot = defineHandler({
  api: FetchSnapshot,
  listeners: ['controller'],
  handle(services, context, request) {
    demandOnCluster(services, context, 'CLUSTER_ACTION')
    return services.raft.handleFetchSnapshot(request)
  },
})
