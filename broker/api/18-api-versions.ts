// ApiVersions, versions 0 to 4. What this listener serves, the features this broker supports (from v3; those that
// begin at 0 only from v4), and the features finalized in the metadata log with the log's offset as epoch. A client
// name that breaks the rules of KIP-511 is INVALID_REQUEST; a version not known is answered by the network layer.
import type { AnyApi } from '../../protocol/api.ts'
import { ErrorCode } from '../../protocol/errors.ts'
import { ApiVersions } from '../../protocol/schemas/18-api-versions.ts'
import { KRAFT_VERSION_FEATURE, supportedFeatures } from '../metadata/bootstrap.ts'
import { type AnyHandler, defineHandler } from './types.ts'

const SOFTWARE_NAME = /^[a-zA-Z0-9](?:[a-zA-Z0-9\-.]*[a-zA-Z0-9])?$/

/** Older librdkafka compresses only for brokers that name Produce from 0, though 0 to 2 are refused. */
const ADVERTISED_MIN: ReadonlyMap<number, number> = new Map([[0, 0]])

const SUPPORTED = [...supportedFeatures].map(([name, range]) => ({ name, ...range }))

/** `served`: the handlers of the listener this one is on. */
export function apiVersionsHandler(
  listeners: readonly ('broker' | 'controller')[],
  served: () => readonly AnyHandler[],
) {
  return defineHandler({
    api: ApiVersions,
    listeners,
    handle(services, context, request) {
      if (context.apiVersion >= 3) {
        const { clientSoftwareName, clientSoftwareVersion } = request
        if (!SOFTWARE_NAME.test(clientSoftwareName) || !SOFTWARE_NAME.test(clientSoftwareVersion)) {
          return { errorCode: ErrorCode.INVALID_REQUEST }
        }
        context.connection.clientSoftwareName = clientSoftwareName
        context.connection.clientSoftwareVersion = clientSoftwareVersion
      }
      const { image } = services.metadata
      return {
        apiKeys: served().map(({ api }) => advertised(api)),
        supportedFeatures: SUPPORTED.filter(
          ({ minVersion }) => minVersion > 0 || context.apiVersion >= 4,
        ),
        finalizedFeaturesEpoch: image.offset,
        finalizedFeatures: finalized(image.features, services.raft?.kraftVersion ?? 0).map(
          ([name, level]) => ({
            name,
            maxVersionLevel: level,
            minVersionLevel: level,
          }),
        ),
      }
    },
  })
}

/** By name, as Kafka's map of them happens to be told; kraft.version only from 1 on. */
function finalized(features: ReadonlyMap<string, number>, kraftVersion: number) {
  return kraftVersion > 0
    ? [...features, [KRAFT_VERSION_FEATURE, kraftVersion] as const]
    : [...features]
}

function advertised(api: AnyApi) {
  return {
    apiKey: api.key,
    minVersion: ADVERTISED_MIN.get(api.key) ?? api.minVersion,
    maxVersion: api.maxVersion,
  }
}
