// AlterPartition, versions 2 and 3: the leader of partitions proposes their ISR to the active controller.
import { AlterPartition } from '../../protocol/schemas/56-alter-partition.ts'
import { handleAtController } from './at-controller.ts'
import { defineHandler } from './types.ts'

export const alterPartition = defineHandler({
  api: AlterPartition,
  listeners: ['controller'],
  handle(services, context, request) {
    return handleAtController(services, context, AlterPartition, request)
  },
})
