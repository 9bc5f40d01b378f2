'use client'

import {
  createContext,
  type ReactNode,
  type RefObject,
  useContext,
  useEffect,
  useMemo,
  useState,
} from 'react'
import { CrosshairLayer, type DrawnChart } from './crosshair-layer.ts'
import { useChartEvents } from './event-marks.tsx'
import type { ChartMark } from './types.ts'

type Group = { readonly layer: CrosshairLayer; readonly marks: readonly ChartMark[] }

const NO_MARKS: readonly ChartMark[] = []
const GroupContext = createContext<Group | null>(null)

/** All charts inside show the same crosshair and the same marks. */
export const ChartGroup = (props: { children: ReactNode; marks?: readonly ChartMark[] }) => {
  const [layer] = useState(() => new CrosshairLayer())
  const marks = props.marks ?? NO_MARKS
  const group = useMemo(() => ({ layer, marks }), [layer, marks])
  return <GroupContext value={group}>{props.children}</GroupContext>
}

/** The cluster's events, the group's marks and the chart's own. */
export const useMarks = (own: readonly ChartMark[] = NO_MARKS): readonly ChartMark[] => {
  const shared = useContext(GroupContext)?.marks ?? NO_MARKS
  const events = useChartEvents()
  return useMemo(
    () => (own.length + shared.length === 0 ? events : [...events, ...shared, ...own]),
    [events, shared, own],
  )
}

/** `chart` null: nothing is drawn yet. */
export const useCrosshair = (
  frame: RefObject<HTMLElement | null>,
  chart: DrawnChart | null,
): void => {
  const shared = useContext(GroupContext)?.layer
  const [own] = useState(() => (shared ? null : new CrosshairLayer()))
  const layer = shared ?? own
  useEffect(
    () => (frame.current && layer ? layer.attach(frame.current) : undefined),
    [frame, layer],
  )
  useEffect(() => {
    if (frame.current && layer && chart) layer.update(frame.current, chart)
  }, [frame, layer, chart])
}
