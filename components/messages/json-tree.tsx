'use client'

import { ChevronRight } from 'lucide-react'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import { Button } from '../ui/button.tsx'
import { cn } from '../ui/cn.ts'
import type { JsonNode } from './content.ts'

const leafColor = { string: 'text-ok', number: 'text-info', literal: 'text-warn' } as const
const FIRST = 100
const OPEN_DEPTH = 2

const Leaf = ({ node }: { node: Extract<JsonNode, { text: string }> }) => (
  <span className={cn('break-all', leafColor[node.kind])}>
    {node.kind === 'string' ? JSON.stringify(node.text) : node.text}
  </span>
)

type Child = { readonly key: string; readonly node: JsonNode }

const childrenOf = (node: JsonNode): readonly Child[] => {
  if (node.kind === 'object') return node.entries.map(([key, child]) => ({ key, node: child }))
  if (node.kind === 'array')
    return node.items.map((child, at) => ({ key: String(at), node: child }))
  return []
}

const Branch = ({ name, node, depth }: { name: string | null; node: JsonNode; depth: number }) => {
  const t = useTranslations('messages')
  const [isOpen, setIsOpen] = useState(depth < OPEN_DEPTH)
  const [shown, setShown] = useState(FIRST)
  const label = name === null ? null : <span className="text-muted">{name}: </span>
  if (node.kind !== 'object' && node.kind !== 'array') {
    return (
      <div className="pl-4.5">
        {label}
        <Leaf node={node} />
      </div>
    )
  }
  const children = childrenOf(node)
  const [open, close] = node.kind === 'object' ? ['{', '}'] : ['[', ']']
  return (
    <div>
      <button
        type="button"
        aria-expanded={isOpen}
        onClick={() => setIsOpen(!isOpen)}
        className="inline-flex items-center rounded-sm text-left hover:bg-hover"
      >
        <ChevronRight
          aria-hidden
          className={cn('size-3.5 text-muted transition-transform', isOpen && 'rotate-90')}
        />
        <span className="pl-1">
          {label}
          {open}
          {isOpen ? '' : ` ${t('entries', { count: children.length })} ${close}`}
        </span>
      </button>
      {isOpen ? (
        <>
          <div className="ml-1.5 border-l border-line pl-2.5">
            {children.slice(0, shown).map((child) => (
              <Branch key={child.key} name={child.key} node={child.node} depth={depth + 1} />
            ))}
            {children.length > shown ? (
              <Button size="sm" variant="ghost" onClick={() => setShown(shown + FIRST * 5)}>
                {t('showMore', { count: children.length - shown })}
              </Button>
            ) : null}
          </div>
          <span className="pl-4.5">{close}</span>
        </>
      ) : null}
    </div>
  )
}

/** Two levels open to begin with; numbers show every digit that was written. */
export const JsonTree = ({ node }: { node: JsonNode }) => (
  <div className="font-mono text-xs leading-5">
    <Branch name={null} node={node} depth={0} />
  </div>
)
