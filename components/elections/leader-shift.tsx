'use client'

import { useTranslations } from 'next-intl'
import type { ElectLeadersOutput } from '../../contracts/elections.ts'

const Bar = ({ share, className }: { share: number; className: string }) => (
  <span
    aria-hidden
    className={`block h-2 rounded-xs ${className}`}
    style={{ width: `${share * 100}%` }}
  />
)

/** Leaders per broker before and after: the distribution evening out. */
export const LeaderShift = ({ result }: { result: ElectLeadersOutput }) => {
  const t = useTranslations('election')
  const after = new Map(result.leadersAfter.map((one) => [one.broker, one.leaders]))
  const most = Math.max(
    1,
    ...result.leadersBefore.map((one) => one.leaders),
    ...result.leadersAfter.map((one) => one.leaders),
  )
  return (
    <section aria-label={t('leadersPerBroker')}>
      <h3 className="pb-1 text-xs font-medium text-muted">{t('leadersPerBroker')}</h3>
      <ul className="flex flex-col gap-2">
        {result.leadersBefore.map((before) => {
          const now = after.get(before.broker) ?? before.leaders
          const change = now - before.leaders
          return (
            <li
              key={before.broker}
              className="grid grid-cols-[72px_minmax(0,1fr)_96px] items-center gap-2"
            >
              <span>{t('broker', { id: before.broker })}</span>
              <span className="flex flex-col gap-0.5">
                <Bar share={before.leaders / most} className="bg-line-strong/45" />
                <Bar share={now / most} className="bg-accent" />
              </span>
              <span className="tabular text-right">
                {before.leaders} → <strong className="font-semibold">{now}</strong>
                {change === 0 ? null : (
                  <span className="pl-1.5 text-muted">{change > 0 ? `+${change}` : change}</span>
                )}
              </span>
            </li>
          )
        })}
      </ul>
    </section>
  )
}
