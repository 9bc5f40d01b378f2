'use client'

import { useState } from 'react'
import { ConfirmTyping } from './confirm-typing.tsx'

/** `expected` null: nothing is asked for. Gives what is to be shown, and whether it was typed. */
export const useTypedName = (expected: string | null) => {
  const [typed, setTyped] = useState('')
  return {
    isGiven: expected === null || typed === expected,
    field:
      expected === null ? null : (
        <ConfirmTyping expected={expected} value={typed} onChange={setTyped} />
      ),
  }
}
