// Metadata records that Eyrie does not act on and must not lose: what each is about, as a key, so that a
// later record of the same thing replaces it and a removal removes it. Used by image.ts.
import type { MetadataRecord } from './records.ts'

/** null when the record is not one to keep. */
export function unservedKey(record: MetadataRecord): string | null {
  switch (record.type) {
    case 'accessControlEntry':
      return `acl:${record.value.id}`
    case 'userScramCredential':
      return `scram:${record.value.mechanism}:${record.value.name}`
    case 'delegationToken':
      return `token:${record.value.tokenId}`
    case 'clientQuota':
      return record.value.remove ? null : quotaKey(record.value)
    default:
      return null
  }
}

/** The key of what this record removes, null when it removes nothing. */
export function removedUnservedKey(record: MetadataRecord): string | null {
  switch (record.type) {
    case 'removeAccessControlEntry':
      return `acl:${record.value.id}`
    case 'removeUserScramCredential':
      return `scram:${record.value.mechanism}:${record.value.name}`
    case 'removeDelegationToken':
      return `token:${record.value.tokenId}`
    case 'clientQuota':
      return record.value.remove ? quotaKey(record.value) : null
    default:
      return null
  }
}

function quotaKey(quota: {
  entity: readonly { entityType: string; entityName: string | null }[]
  key: string
}): string {
  const entity = quota.entity.map((part) => [part.entityType, part.entityName])
  return `quota:${quota.key}:${JSON.stringify(entity)}`
}
