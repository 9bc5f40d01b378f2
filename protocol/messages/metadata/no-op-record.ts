import { type MessageOf, message } from '../../message.ts'

export const NoOpRecord = message(20, 'NoOpRecord', { valid: [0, 0], flexible: 0 }, {})

export type NoOpRecord = MessageOf<typeof NoOpRecord>
