'use client'

import { Ellipsis, Pause, Play, Power, Zap } from 'lucide-react'
import { useTranslations } from 'next-intl'
import type { BrokerAction, BrokerItem } from '../../contracts/brokers.ts'
import { useSheet } from '../../hooks/use-sheet.ts'
import { serializeScope } from '../elections/election-scope.ts'
import { Button } from '../ui/button.tsx'
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuSeparator,
  DropdownMenuTrigger,
} from '../ui/dropdown-menu.tsx'

const icons = { stop: Power, kill: Zap, pause: Pause, start: Play } as const

/** What can be done to the process in the state it is in. */
export const actionsFor = (broker: BrokerItem): readonly BrokerAction[] => {
  switch (broker.process?.state) {
    case 'running':
    case 'starting':
      return ['stop', 'pause', 'kill']
    case 'paused':
      return ['start', 'kill']
    case 'stopping':
      return ['kill']
    case 'stopped':
    case 'crashed':
    case 'killed':
      return ['start']
    default:
      return []
  }
}

export const BrokerActions = ({ broker, label }: { broker: BrokerItem; label?: string }) => {
  const t = useTranslations('brokers')
  const { open } = useSheet()
  const actions = actionsFor(broker)
  return (
    <DropdownMenu>
      <DropdownMenuTrigger asChild>
        {label ? (
          <Button>
            {label}
            <Ellipsis aria-hidden />
          </Button>
        ) : (
          <Button variant="ghost" size="iconSm" aria-label={t('actionsOf', { id: broker.id })}>
            <Ellipsis aria-hidden />
          </Button>
        )}
      </DropdownMenuTrigger>
      <DropdownMenuContent>
        <DropdownMenuItem
          onSelect={() =>
            open(serializeScope({ partitions: null, topic: null, broker: broker.id }))
          }
        >
          {t('electFor')}
        </DropdownMenuItem>
        {actions.length > 0 ? <DropdownMenuSeparator /> : null}
        {actions.map((action) => {
          const Icon = icons[action]
          return (
            <DropdownMenuItem
              key={action}
              danger={action !== 'start'}
              onSelect={() => open(`broker:${action}:${broker.id}`)}
            >
              <Icon aria-hidden />
              {t(`action.${action}`)}
            </DropdownMenuItem>
          )
        })}
      </DropdownMenuContent>
    </DropdownMenu>
  )
}
