// What brokers and controllers say of themselves alike when they register.
import { supportedFeatures } from '../metadata/bootstrap.ts'
import type { BrokerEndpointImage } from '../metadata/image-types.ts'

export function registeredListeners(endpoints: readonly BrokerEndpointImage[]) {
  return endpoints.map(({ name, host, port, securityProtocol }) => ({
    name,
    host,
    port,
    securityProtocol,
  }))
}

export function registeredFeatures() {
  return [...supportedFeatures].map(([name, { minVersion, maxVersion }]) => ({
    name,
    minSupportedVersion: minVersion,
    maxSupportedVersion: maxVersion,
  }))
}
