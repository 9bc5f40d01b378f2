import { useTranslations } from 'next-intl'
import type { CellKind } from './model.ts'

/** The word for a cell, as the legend has it. */
export const useCellWord = (): ((kind: CellKind) => string) => {
  const t = useTranslations('replicaMap')
  return (kind) => {
    switch (kind) {
      case 'leader':
        return t('leader')
      case 'in-sync':
        return t('inSync')
      case 'out-of-sync':
        return t('outOfSync')
      case 'offline':
        return t('offline')
      case 'none':
        return t('noReplica')
    }
  }
}
