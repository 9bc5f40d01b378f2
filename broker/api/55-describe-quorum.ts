// DescribeQuorum, versions 0 to 2. Only the quorum's leader knows how far the others are: on a
// controller listener anyone else answers NOT_LEADER_OR_FOLLOWER, on a broker listener the request
// is passed on to the leader.
import { DescribeQuorum } from '../../protocol/schemas/55-describe-quorum.ts'
import { demandOnCluster } from './forward.ts'
import { defineHandler } from './types.ts'

const FORWARD_TIMEOUT_MS = 10_000

export const describeQuorum = defineHandler({
  api: DescribeQuorum,
  listeners: ['broker', 'controller'],
  handle(services, context, request) {
    demandOnCluster(services, context, 'DESCRIBE')
    const { config, raft, controller } = services
    const isController = config.controllerListenerNames.includes(context.connection.listenerName)
    if (isController || raft.leaderAndEpoch.leaderId === raft.nodeId) {
      return raft.handleDescribeQuorum(request)
    }
    return controller.send(DescribeQuorum, request, {
      version: context.apiVersion,
      timeoutMs: FORWARD_TIMEOUT_MS,
      context: {
        principal: context.connection.principal,
        clientId: context.clientId,
        apiVersion: context.apiVersion,
      },
    })
  },
})
