'use client'

import { Search } from 'lucide-react'
import { useEffect, useState } from 'react'
import { cn } from './cn.ts'
import { Input } from './input.tsx'

type SearchInputProps = {
  value: string
  onChange: (value: string) => void
  label: string
  /** `/` puts the cursor here. */
  isPageSearch?: boolean
  className?: string
}

const SETTLE_MS = 200

/** Hands over what was typed once the typing pauses; Esc empties it. */
export const SearchInput = ({
  value,
  onChange,
  label,
  isPageSearch,
  className,
}: SearchInputProps) => {
  const [text, setText] = useState(value)
  useEffect(() => setText(value), [value])
  useEffect(() => {
    if (text === value) return
    const timer = setTimeout(() => onChange(text), SETTLE_MS)
    return () => clearTimeout(timer)
  }, [text, value, onChange])
  return (
    <div className={cn('relative w-64 max-w-full', className)}>
      <Search
        aria-hidden
        className="pointer-events-none absolute top-2 left-2.5 size-4 text-muted"
      />
      <Input
        type="search"
        aria-label={label}
        placeholder={label}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Escape') return
          if (text === '') event.currentTarget.blur()
          setText('')
          onChange('')
        }}
        className="pl-8 [&::-webkit-search-cancel-button]:hidden"
        {...(isPageSearch ? { 'data-page-search': '' } : {})}
      />
    </div>
  )
}
