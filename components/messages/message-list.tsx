'use client'

import { ChevronRight } from 'lucide-react'
import { useTranslations } from 'next-intl'
import { Fragment, useState } from 'react'
import type { Message } from '../../contracts/messages.ts'
import { useFormats } from '../../hooks/use-formats.ts'
import { cn } from '../ui/cn.ts'
import { Figure } from '../ui/figure.tsx'
import { Skeleton } from '../ui/skeleton.tsx'
import { Table, Td, Th } from '../ui/table.tsx'
import { previewOf } from './content.ts'
import { MessageDetail } from './message-detail.tsx'

const idOf = (message: Message): string => `${message.partition}-${message.offset}`

const Preview = (props: {
  content: string | null
  format: Message['valueFormat']
  className?: string
}) => {
  const t = useTranslations('messages')
  const { content, format, className } = props
  if (content === null || format === 'null') {
    return <span className="text-muted">{t('null')}</span>
  }
  const text = previewOf(content, format)
  if (text === '') return <span className="text-muted">{t('empty')}</span>
  return (
    <span className={cn('block truncate font-mono text-xs', className)} title={text.slice(0, 200)}>
      {text}
    </span>
  )
}

const MessageRow = (props: { message: Message; isOpen: boolean; onToggle: () => void }) => {
  const t = useTranslations('messages')
  const formats = useFormats()
  const { message, isOpen, onToggle } = props
  return (
    <tr className={cn('hover:bg-hover', isOpen && 'bg-raised')}>
      <Td className="w-8 pr-0">
        <button
          type="button"
          aria-expanded={isOpen}
          aria-label={t('open', { partition: message.partition, offset: message.offset })}
          onClick={onToggle}
          className="grid size-6 place-items-center rounded-sm hover:bg-hover"
        >
          <ChevronRight
            aria-hidden
            className={cn('size-4 text-muted transition-transform', isOpen && 'rotate-90')}
          />
        </button>
      </Td>
      <Td className="tabular w-16 text-right max-sm:hidden">{message.partition}</Td>
      <Td className="tabular w-24 text-right">
        <span className="text-muted sm:hidden">{message.partition}:</span>
        {formats.exact(message.offset)}
      </Td>
      <Td className="tabular w-44 whitespace-nowrap max-sm:hidden">
        {formats.recordTime(message.timestamp)}
      </Td>
      <Td className="max-w-0 sm:w-[18%]">
        <Preview content={message.key} format={message.keyFormat} />
        <Preview content={message.value} format={message.valueFormat} className="sm:hidden" />
      </Td>
      <Td className="max-w-0 sm:w-[50%] max-sm:hidden">
        <Preview content={message.value} format={message.valueFormat} />
      </Td>
      <Td className="w-20 text-right max-sm:hidden">
        <Figure value={message.sizeBytes} unit="bytes" />
      </Td>
    </tr>
  )
}

type ListProps = {
  messages: readonly Message[] | undefined
  onHover?: (isOver: boolean) => void
}

const Head = () => {
  const t = useTranslations('messages')
  return (
    <thead>
      <tr>
        <Th className="w-8 pr-0">
          <span className="sr-only">{t('openColumn')}</span>
        </Th>
        <Th className="text-right max-sm:hidden">{t('partition')}</Th>
        <Th className="text-right">{t('offset')}</Th>
        <Th className="max-sm:hidden">{t('timestamp')}</Th>
        <Th>
          {t('key')}
          <span className="sm:hidden"> / {t('value')}</span>
        </Th>
        <Th className="max-sm:hidden">{t('value')}</Th>
        <Th className="text-right max-sm:hidden">{t('size')}</Th>
      </tr>
    </thead>
  )
}

/** A line a record; opened, it shows everything about it below. */
export const MessageList = ({ messages, onHover }: ListProps) => {
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set())
  const toggle = (id: string) => {
    const next = new Set(open)
    if (!next.delete(id)) next.add(id)
    setOpen(next)
  }
  return (
    <div
      className="overflow-x-auto rounded-md border border-line bg-panel"
      onPointerEnter={() => onHover?.(true)}
      onPointerLeave={() => onHover?.(false)}
    >
      <Table className="[&>tbody>tr:last-child>td]:border-b-0">
        <Head />
        <tbody>
          {messages === undefined
            ? ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((key) => (
                <tr key={key}>
                  <Td colSpan={7}>
                    <Skeleton className="w-3/4" />
                  </Td>
                </tr>
              ))
            : messages.map((message) => {
                const id = idOf(message)
                const isOpen = open.has(id)
                return (
                  <Fragment key={id}>
                    <MessageRow message={message} isOpen={isOpen} onToggle={() => toggle(id)} />
                    {isOpen ? (
                      <tr>
                        <td colSpan={7} className="border-b border-line bg-panel">
                          <MessageDetail message={message} />
                        </td>
                      </tr>
                    ) : null}
                  </Fragment>
                )
              })}
        </tbody>
      </Table>
    </div>
  )
}
