// AllocateProducerIds, version 0: a block of ids for one broker, from the active controller.
import { AllocateProducerIds } from '../../protocol/schemas/67-allocate-producer-ids.ts'
import { handleAtController } from './at-controller.ts'
import { defineHandler } from './types.ts'

export const allocateProducerIds = defineHandler({
  api: AllocateProducerIds,
  listeners: ['controller'],
  handle(services, context, request) {
    return handleAtController(services, context, AllocateProducerIds, request)
  },
})
