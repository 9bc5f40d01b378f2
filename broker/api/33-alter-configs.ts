// AlterConfigs, versions 0 to 2: replaces all overrides of a resource. Clients had better use
// IncrementalAlterConfigs.
import { AlterConfigs } from '../../protocol/schemas/33-alter-configs.ts'
import { alterResources } from './alter-resources.ts'
import { defineHandler } from './types.ts'

export const alterConfigs = defineHandler({
  api: AlterConfigs,
  listeners: ['broker', 'controller'],
  handle(services, context, request) {
    return alterResources(services, context, AlterConfigs, request)
  },
})
