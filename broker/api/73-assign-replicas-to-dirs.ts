// AssignReplicasToDirs, version 0: a broker tells the active controller where its replicas are.
import { AssignReplicasToDirs } from '../../protocol/schemas/73-assign-replicas-to-dirs.ts'
import { handleAtController } from './at-controller.ts'
import { defineHandler } from './types.ts'

export const assignReplicasToDirs = defineHandler({
  api: AssignReplicasToDirs,
  listeners: ['controller'],
  handle(services, context, request) {
    return handleAtController(services, context, AssignReplicasToDirs, request)
  },
})
