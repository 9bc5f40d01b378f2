import { bool, str } from '../../fields.ts'
import { type MessageOf, message } from '../../message.ts'

export const DefaultPrincipalData = message(
  -1,
  'DefaultPrincipalData',
  { valid: [0, 0], flexible: 0 },
  {
    type: str,
    name: str,
    tokenAuthenticated: bool,
  },
)

export type DefaultPrincipalData = MessageOf<typeof DefaultPrincipalData>
