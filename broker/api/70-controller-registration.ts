// ControllerRegistration, version 0: a voter tells the active controller its endpoints and features.
import { ControllerRegistration } from '../../protocol/schemas/70-controller-registration.ts'
import { handleAtController } from './at-controller.ts'
import { defineHandler } from './types.ts'

export const controllerRegistration = defineHandler({
  api: ControllerRegistration,
  listeners: ['controller'],
  handle(services, context, request) {
    return handleAtController(services, context, ControllerRegistration, request)
  },
})
