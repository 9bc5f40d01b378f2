'use client'

import { useIsAdministrator } from '../../hooks/use-account.ts'
import { useSheet } from '../../hooks/use-sheet.ts'
import { BrokerActionSheet, parseBrokerSheet } from '../brokers/broker-action-sheet.tsx'
import { parseScope } from '../elections/election-scope.ts'
import { ElectionSheet } from '../elections/election-sheet.tsx'

/** The sheets that any page of a cluster can open. */
export const ClusterSheets = ({ cluster }: { cluster: string }) => {
  const { sheet, close } = useSheet()
  const isAdministrator = useIsAdministrator()
  if (sheet === null || !isAdministrator) return null
  const scope = parseScope(sheet)
  if (scope !== null) {
    return <ElectionSheet key={sheet} cluster={cluster} scope={scope} onClose={close} />
  }
  const act = parseBrokerSheet(sheet)
  if (act === null) return null
  return <BrokerActionSheet key={sheet} cluster={cluster} {...act} onClose={close} />
}
