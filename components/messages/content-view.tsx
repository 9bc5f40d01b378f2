'use client'

import { useTranslations } from 'next-intl'
import { useMemo, useState } from 'react'
import type { ContentFormat } from '../../contracts/messages.ts'
import { CopyButton } from '../ui/copyable-id.tsx'
import { Segmented } from '../ui/segmented.tsx'
import { contentBytes, hexLines, jsonTree, prettyJson } from './content.ts'
import { JsonTree } from './json-tree.tsx'

type View = 'tree' | 'text' | 'hex'

const viewsOf = (format: ContentFormat): readonly View[] =>
  format === 'json'
    ? ['tree', 'text', 'hex']
    : format === 'text'
      ? ['text', 'hex']
      : ['hex', 'text']

const HexDump = ({ content, format }: { content: string; format: ContentFormat }) => {
  const lines = useMemo(() => hexLines(contentBytes(content, format)), [content, format])
  return (
    <pre className="font-mono text-xs leading-5">
      {lines.map((line) => (
        <span key={line.at} className="block">
          <span className="text-muted select-none">{line.at} </span> {line.hex}{' '}
          <span className="text-muted">|{line.text}|</span>
        </span>
      ))}
    </pre>
  )
}

const textOf = (content: string, format: ContentFormat): string => {
  if (format === 'json') return prettyJson(content)
  if (format === 'binary') return new TextDecoder().decode(contentBytes(content, format))
  return content
}

/** Key, value or header: as a tree, as text, as bytes. */
export const ContentView = (props: {
  label: string
  content: string | null
  format: ContentFormat
}) => {
  const { label, content, format } = props
  const t = useTranslations('messages')
  const views = viewsOf(format)
  const [chosen, setChosen] = useState<View | null>(null)
  const view = chosen !== null && views.includes(chosen) ? chosen : (views[0] ?? 'text')
  const tree = useMemo(
    () => (format === 'json' && content !== null ? jsonTree(content) : null),
    [content, format],
  )
  if (content === null || format === 'null') return <p className="text-muted">{t('null')}</p>
  return (
    <div>
      <div className="flex items-center gap-2 pb-1.5">
        <Segmented
          aria-label={t('viewOf', { what: label })}
          className="h-7"
          value={view}
          onValueChange={setChosen}
          options={views.map((one) => ({ value: one, label: t(`view.${one}`) }))}
        />
        <CopyButton text={content} />
      </div>
      <section
        aria-label={label}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard.
        tabIndex={0}
        className="max-h-110 overflow-auto rounded-md border border-line bg-page p-2"
      >
        {view === 'tree' && tree ? (
          <JsonTree node={tree} />
        ) : view === 'hex' ? (
          <HexDump content={content} format={format} />
        ) : (
          <pre className="font-mono text-xs leading-5 break-all whitespace-pre-wrap">
            {textOf(content, format)}
          </pre>
        )}
      </section>
    </div>
  )
}
