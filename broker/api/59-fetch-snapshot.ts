// FetchSnapshot, versions 0 to 1, on the controller listener: pieces of a metadata snapshot.
import { FetchSnapshot } from '../../protocol/schemas/59-fetch-snapshot.ts'
import { defineHandler } from './types.ts'

export const fetchSnapshot = defineHandler({
  api: FetchSnapshot,
  listeners: ['controller'],
  handle: (services, _context, request) => services.raft.handleFetchSnapshot(request),
})
