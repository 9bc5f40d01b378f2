'use client'

import { useTranslations } from 'next-intl'
import type { Message } from '../../contracts/messages.ts'
import { useFormats } from '../../hooks/use-formats.ts'
import { Figure } from '../ui/figure.tsx'
import { StateMark } from '../ui/state-mark.tsx'
import { SimpleTable, Td, Th } from '../ui/table.tsx'
import { previewOf } from './content.ts'
import { ContentView } from './content-view.tsx'

const Headers = ({ message }: { message: Message }) => {
  const t = useTranslations('messages')
  if (message.headers.length === 0) return <p className="text-muted">{t('noHeaders')}</p>
  return (
    <SimpleTable label={t('headers')} className="rounded-md border border-line">
      <thead>
        <tr>
          <Th>{t('headerKey')}</Th>
          <Th>{t('headerValue')}</Th>
        </tr>
      </thead>
      <tbody>
        {message.headers.map((header, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a record may carry the same header twice.
          <tr key={index}>
            <Td className="font-mono break-all">{header.key}</Td>
            <Td className="font-mono break-all">
              {header.value === null ? t('null') : previewOf(header.value, header.format)}
            </Td>
          </tr>
        ))}
      </tbody>
    </SimpleTable>
  )
}

export const MessageDetail = ({ message }: { message: Message }) => {
  const t = useTranslations('messages')
  const formats = useFormats()
  const facts = [
    [
      t('timestamp'),
      `${formats.dateTime(message.timestamp)} (${t(`time.${message.timestampType}`)})`,
    ],
    [t('epochMs'), String(message.timestamp)],
    [t('compression'), message.compression],
  ] as const
  return (
    <div className="flex flex-col gap-4 p-3">
      <dl className="flex flex-wrap gap-x-6 gap-y-1 text-xs">
        {facts.map(([label, value]) => (
          <div key={label} className="flex gap-1.5">
            <dt className="text-muted">{label}</dt>
            <dd className="tabular">{value}</dd>
          </div>
        ))}
        <div className="flex gap-1.5">
          <dt className="text-muted">{t('keySize')}</dt>
          <dd>
            <Figure value={message.keySizeBytes} unit="bytes" />
          </dd>
        </div>
        <div className="flex gap-1.5">
          <dt className="text-muted">{t('valueSize')}</dt>
          <dd>
            <Figure value={message.valueSizeBytes} unit="bytes" />
          </dd>
        </div>
      </dl>
      {message.isTruncated ? <StateMark state="attention">{t('truncated')}</StateMark> : null}
      <div className="grid gap-4 lg:grid-cols-[minmax(0,2fr)_minmax(0,1fr)]">
        <div className="min-w-0">
          <h2 className="pb-1 text-xs font-medium text-muted">{t('value')}</h2>
          <ContentView label={t('value')} content={message.value} format={message.valueFormat} />
        </div>
        <div className="flex min-w-0 flex-col gap-4">
          <div>
            <h2 className="pb-1 text-xs font-medium text-muted">{t('key')}</h2>
            <ContentView label={t('key')} content={message.key} format={message.keyFormat} />
          </div>
          <div>
            <h2 className="pb-1 text-xs font-medium text-muted">{t('headers')}</h2>
            <Headers message={message} />
          </div>
        </div>
      </div>
    </div>
  )
}
