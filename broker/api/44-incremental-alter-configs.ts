// IncrementalAlterConfigs, versions 0 and 1: set, delete, append to or subtract from single settings of topics,
// brokers, the cluster-wide default (broker with an empty name) and groups.
import { IncrementalAlterConfigs } from '../../protocol/schemas/44-incremental-alter-configs.ts'
import { alterResources } from './alter-resources.ts'
import { defineHandler } from './types.ts'

export const incrementalAlterConfigs = defineHandler({
  api: IncrementalAlterConfigs,
  listeners: ['broker', 'controller'],
  handle(services, context, request) {
    return alterResources(services, context, IncrementalAlterConfigs, request)
  },
})
