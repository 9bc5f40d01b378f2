// Fetch, versions 4 to 18, on the controller listener: replication of the metadata log, and nothing
// else. Long-polls until there are records, a new high watermark (v18) or the wait is over; carries
// DivergingEpoch, SnapshotId and the leader (v12, v16). On broker listeners see 01-fetch.ts.
import { Fetch } from '../../protocol/schemas/01-fetch.ts'
import { demandOnCluster } from './forward.ts'
import { defineHandler } from './types.ts'

export const fetchMetadataLog = defineHandler({
  api: Fetch,
  listeners: ['controller'],
  handle(services, context, request) {
    demandOnCluster(services, context, 'CLUSTER_ACTION')
    return services.raft.handleFetch(request, context.connection)
  },
})
