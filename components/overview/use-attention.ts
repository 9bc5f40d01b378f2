'use client'

import { useTranslations } from 'next-intl'
import { worstPartition } from '../../contracts/lag.ts'
import type { AttentionItem } from '../../contracts/overview.ts'
import { useConsoleLinks } from '../../hooks/use-console-links.ts'
import { useFormats } from '../../hooks/use-formats.ts'
import { useLagWords } from '../lag/use-lag-words.ts'

export type AttentionLine = {
  readonly sentence: string
  readonly href: string | null
  /** It can be mended from the overview. */
  readonly sheet: string | null
}

const numberOf = (item: AttentionItem, name: string): number | null => {
  const value = item.values[name]
  return typeof value === 'number' ? value : null
}

const textOf = (item: AttentionItem, name: string): string => {
  const value = item.values[name]
  return value === null || value === undefined ? '' : String(value)
}

/** What the server found, as a sentence in the reader's language with a link to the place. */
export const useAttention = (cluster: string): ((item: AttentionItem) => AttentionLine) => {
  const t = useTranslations('attention')
  const links = useConsoleLinks()
  const formats = useFormats()
  const words = useLagWords()

  const since = (item: AttentionItem): string => {
    const atMs = numberOf(item, 'sinceMs') ?? numberOf(item, 'since')
    return atMs === null ? '' : t('since', { time: formats.clock(atMs) })
  }
  const topicHref = (item: AttentionItem): string =>
    item.subject === null
      ? links.topics(cluster, { sort: '-isr' })
      : links.topic(cluster, item.subject)
  const partitions = (
    item: AttentionItem,
    kind: 'offline' | 'underMinIsr' | 'under' | 'oneCopy',
  ) => ({
    sentence: t(`partitions.${kind}`, {
      count: numberOf(item, 'count') ?? 0,
      place: item.subject === null ? 'cluster' : 'topic',
      topic: item.subject ?? '',
      since: since(item),
    }),
    href: topicHref(item),
    sheet: null,
  })
  const broker = (item: AttentionItem, kind: 'offline' | 'fenced') => ({
    sentence: t(`broker.${kind}`, {
      id: item.subject ?? textOf(item, 'broker'),
      since: since(item),
    }),
    href:
      item.subject === null ? links.brokers(cluster) : links.broker(cluster, Number(item.subject)),
    sheet: null,
  })
  const group = (item: AttentionItem): string | null =>
    item.subject === null ? links.groups(cluster) : links.group(cluster, item.subject)
  const judgedGroup = (item: AttentionItem): AttentionLine => {
    // The server puts the worst partition's verdict there, as the group's page has it.
    const worst = worstPartition.safeParse(item.values).data
    const sentence = worst ? words.worst(worst, Date.now()) : ''
    return {
      sentence:
        item.kind === 'group-error'
          ? t('groupErr', { group: item.subject ?? '', sentence, verdict: worst?.verdict ?? '' })
          : t('groupWarn', { group: item.subject ?? '', sentence }),
      href: group(item),
      sheet: null,
    }
  }

  return (item) => {
    switch (item.kind) {
      case 'cluster-unreachable':
        return { sentence: t('unreachable'), href: links.brokers(cluster), sheet: null }
      case 'broker-offline':
        return broker(item, 'offline')
      case 'broker-fenced':
        return broker(item, 'fenced')
      case 'no-controller':
        return { sentence: t('noController'), href: links.quorum(cluster), sheet: null }
      case 'partitions-offline':
        return partitions(item, 'offline')
      case 'partitions-under-min-isr':
        return partitions(item, 'underMinIsr')
      case 'partitions-under-replicated':
        return partitions(item, 'under')
      case 'partitions-one-copy-left':
        return partitions(item, 'oneCopy')
      case 'leaders-not-preferred':
        return {
          sentence: t('notPreferred', { count: numberOf(item, 'count') ?? 0 }),
          href: null,
          sheet: 'elect',
        }
      case 'group-slow':
      case 'group-error':
        return judgedGroup(item)
      case 'data-stale': {
        const ageMs = numberOf(item, 'ageMs')
        return {
          sentence: t('stale', { age: ageMs === null ? '' : formats.duration(ageMs) }),
          href: links.brokers(cluster),
          sheet: null,
        }
      }
      case 'metrics-missing':
        return { sentence: t('metricsMissing'), href: links.brokers(cluster), sheet: null }
    }
  }
}
