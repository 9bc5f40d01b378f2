'use client'

import { Ellipsis } from 'lucide-react'
import { useTranslations } from 'next-intl'
import { parseAsBoolean, useQueryState } from 'nuqs'
import type { ReactNode, RefObject } from 'react'
import { Button } from '../ui/button.tsx'
import {
  DropdownMenu,
  DropdownMenuCheckboxItem,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuSeparator,
  DropdownMenuTrigger,
} from '../ui/dropdown-menu.tsx'
import { looksOf } from './colors.ts'
import { chartCsv, chartPng, saveAs } from './export.ts'
import type { ChartSeries } from './types.ts'

const fileName = (title: string): string =>
  title
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-|-$/g, '')

/** One choice for all charts of a page, in its address. */
export const useLogScale = () => useQueryState('log', parseAsBoolean.withDefault(false))

type ChartMenuProps = {
  title: string
  canBeLog: boolean
  series: readonly ChartSeries[]
  /** What holds the drawing, or the drawings that stand side by side. */
  frame: RefObject<HTMLElement | null>
  children?: ReactNode
}

/** Scale, CSV and PNG of a chart; `children` come before them. */
export const ChartMenu = (props: ChartMenuProps) => {
  const { title, series } = props
  const t = useTranslations('chart')
  const [isLog, setIsLog] = useLogScale()
  const saveCsv = () =>
    saveAs(`${fileName(title)}.csv`, new Blob([chartCsv(series)], { type: 'text/csv' }))
  const savePng = async () => {
    const found = props.frame.current?.querySelectorAll('svg.recharts-surface') ?? []
    const svgs = [...found].filter((one) => one instanceof SVGSVGElement)
    if (svgs.length === 0) return
    const looks = looksOf(series)
    const legend = series.flatMap((one, index) => {
      const look = looks[index]
      return look ? [{ label: one.label ?? one.name, look }] : []
    })
    saveAs(`${fileName(title)}.png`, await chartPng(svgs, title, legend))
  }
  return (
    <DropdownMenu>
      <DropdownMenuTrigger asChild>
        <Button variant="ghost" size="iconSm" aria-label={t('menu', { title })}>
          <Ellipsis aria-hidden />
        </Button>
      </DropdownMenuTrigger>
      <DropdownMenuContent>
        {props.children}
        {props.canBeLog ? (
          <>
            <DropdownMenuCheckboxItem
              checked={isLog}
              onCheckedChange={(checked) => setIsLog(checked === true)}
            >
              {t('logScale')}
            </DropdownMenuCheckboxItem>
            <DropdownMenuSeparator />
          </>
        ) : null}
        <DropdownMenuItem onSelect={saveCsv}>{t('csv')}</DropdownMenuItem>
        <DropdownMenuItem onSelect={savePng}>{t('png')}</DropdownMenuItem>
      </DropdownMenuContent>
    </DropdownMenu>
  )
}
