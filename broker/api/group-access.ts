// Who may do what with a group: asked by every handler of the group coordinator before it is.
import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import type { RequestContext } from '../network/types.ts'
import type { BrokerServices } from './types.ts'

export type GroupOperation = 'READ' | 'DESCRIBE' | 'DELETE'

export function mayOnGroup(
  services: BrokerServices,
  context: RequestContext,
  operation: GroupOperation,
  groupId: string,
): boolean {
  return services.authorize(context, operation, 'GROUP', groupId)
}

/** Throws KafkaError (GROUP_AUTHORIZATION_FAILED). */
export function demandOnGroup(
  services: BrokerServices,
  context: RequestContext,
  operation: GroupOperation,
  groupId: string,
): void {
  if (mayOnGroup(services, context, operation, groupId)) return
  throw new KafkaError(ErrorCode.GROUP_AUTHORIZATION_FAILED)
}

export function mayOnTopic(
  services: BrokerServices,
  context: RequestContext,
  operation: 'READ' | 'DESCRIBE',
  topic: string,
): boolean {
  return services.authorize(context, operation, 'TOPIC', topic)
}
