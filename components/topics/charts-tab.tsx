'use client'

import { useTranslations } from 'next-intl'
import { useMemo } from 'react'
import type { MetricName } from '../../contracts/metrics.ts'
import { ChartGroup } from '../charts/crosshair.tsx'
import { MetricChart } from '../charts/metric-chart.tsx'

const METRICS = ['messages-in-rate', 'bytes-in-rate', 'bytes-out-rate', 'size-bytes'] as const

export const TopicChartsTab = ({ cluster, topic }: { cluster: string; topic: string }) => {
  const t = useTranslations('metric')
  const names = useMemo(() => [topic], [topic])
  const titles: Record<(typeof METRICS)[number] & MetricName, string> = {
    'messages-in-rate': t('messagesIn'),
    'bytes-in-rate': t('bytesIn'),
    'bytes-out-rate': t('bytesOut'),
    'size-bytes': t('size'),
  }
  return (
    <ChartGroup>
      <div className="grid gap-3 xl:grid-cols-2">
        {METRICS.map((metric) => (
          <MetricChart
            key={metric}
            cluster={cluster}
            title={titles[metric]}
            query={{ metric, by: 'topic', names }}
          />
        ))}
      </div>
    </ChartGroup>
  )
}
