'use client'

import { ArrowLeft, Pin } from 'lucide-react'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import type { PinItem, ReadMbeanOutput } from '../../contracts/charts.ts'
import { useMbean, useMbeans, usePinAttribute } from '../../hooks/use-charts.ts'
import { useFormats } from '../../hooks/use-formats.ts'
import { lineAdded } from '../../lib/chart-layout.ts'
import { Button } from '../ui/button.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { Field } from '../ui/field.tsx'
import { useMissingReason } from '../ui/missing-reason.ts'
import { ProblemNote } from '../ui/problem-note.tsx'
import { SearchInput } from '../ui/search-input.tsx'
import { Segmented } from '../ui/segmented.tsx'
import { Select, type SelectOption } from '../ui/select.tsx'
import { Sheet } from '../ui/sheet.tsx'
import { Skeleton } from '../ui/skeleton.tsx'
import { toast } from '../ui/toaster.tsx'

/** Where a pinned attribute is drawn unless one of the charts that are there is chosen. */
export const NEW_CHART = 'new'

type PinSheetProps = {
  cluster: string
  used: number
  max: number
  /** Charts of one's own that take one more line. */
  targets: readonly SelectOption[]
  onPinned: (pin: PinItem, target: string) => void
  onClose: () => void
}

const MbeanList = ({ cluster, onPick }: { cluster: string; onPick: (mbean: string) => void }) => {
  const t = useTranslations('metrics')
  const reason = useMissingReason()
  const [search, setSearch] = useState('')
  const mbeans = useMbeans(cluster, search)
  const { data } = mbeans
  return (
    <>
      <SearchInput value={search} onChange={setSearch} label={t('pinSearch')} className="w-full" />
      {mbeans.error && !data ? <ProblemNote error={mbeans.error} /> : null}
      {data?.missing ? <EmptyState title={reason(data.missing)} /> : null}
      {data ? (
        <p className="text-xs text-muted">
          {t('pinFound', { shown: data.items.length, total: data.total })}
        </p>
      ) : (
        <Skeleton className="h-40" />
      )}
      <ul className="flex flex-col gap-px">
        {(data?.items ?? []).map(({ mbean }) => (
          <li key={mbean}>
            <button
              type="button"
              onClick={() => onPick(mbean)}
              className="w-full rounded-sm px-1.5 py-1 text-left font-mono text-xs break-all hover:bg-hover"
            >
              {mbean}
            </button>
          </li>
        ))}
      </ul>
    </>
  )
}

type Attribute = ReadMbeanOutput['attributes'][number]

/** What only ever grows is drawn as its change a second unless told otherwise. */
const isCounterName = ({ attribute }: Attribute): boolean => /count$|total$/i.test(attribute)

const AttributeRow = (props: {
  cluster: string
  mbean: string
  one: Attribute
  onPinned: (pin: PinItem) => void
}) => {
  const { mbean, one } = props
  const t = useTranslations('metrics')
  const formats = useFormats()
  const pin = usePinAttribute(props.cluster)
  const [stored, setStored] = useState<'counter' | 'gauge'>(
    isCounterName(one) ? 'counter' : 'gauge',
  )
  const attribute = one.path === '' ? one.attribute : `${one.attribute}.${one.path}`
  const submit = () =>
    pin.mutate(
      { mbean, attribute: one.attribute, path: one.path, stored },
      {
        onSuccess: (item) => {
          toast.success(t('pinned', { attribute }))
          props.onPinned(item)
        },
      },
    )
  return (
    <li className="flex flex-wrap items-center gap-2 border-t border-line py-1.5">
      <span className="min-w-40 flex-1 font-mono text-xs break-all">{attribute}</span>
      <span className="tabular text-xs text-muted">
        {one.value === null ? '–' : formats.exact(one.value)}
      </span>
      <Segmented
        aria-label={`${t('pinAs')}: ${attribute}`}
        className="h-7"
        value={stored}
        onValueChange={setStored}
        options={[
          { value: 'gauge', label: t('pinGauge') },
          { value: 'counter', label: t('pinCounter') },
        ]}
      />
      <Button
        size="sm"
        aria-label={t('pinDo', { attribute })}
        disabled={pin.isPending}
        onClick={submit}
      >
        <Pin aria-hidden />
      </Button>
      {pin.error ? <ProblemNote error={pin.error} /> : null}
    </li>
  )
}

/** Any number of any MBean that the brokers have now becomes a chart. */
export const PinSheet = (props: PinSheetProps) => {
  const { cluster } = props
  const t = useTranslations('metrics')
  const [mbean, setMbean] = useState('')
  const [chosenTarget, setTarget] = useState(NEW_CHART)
  // With the eighth line it takes no more.
  const target = props.targets.some(({ value }) => value === chosenTarget)
    ? chosenTarget
    : NEW_CHART
  const pinned = (pin: PinItem) => {
    props.onPinned(pin, target)
    // Its id grows with each line.
    if (target !== NEW_CHART) setTarget(lineAdded(target, pin.id))
  }
  const chosen = useMbean(cluster, mbean)
  const attributes = mbean === '' ? undefined : chosen.data?.attributes
  return (
    <Sheet
      open
      onOpenChange={(isOpen) => {
        if (!isOpen) props.onClose()
      }}
      title={t('pinTitle')}
      description={`${t('pinIntro')} ${t('pinsUsed', { used: props.used, max: props.max })}`}
      width="lg"
    >
      <div className="flex flex-col gap-3">
        {mbean === '' ? (
          <MbeanList cluster={cluster} onPick={setMbean} />
        ) : (
          <>
            <Button size="sm" className="self-start" onClick={() => setMbean('')}>
              <ArrowLeft aria-hidden />
              {t('pinBack')}
            </Button>
            <h3 className="font-mono text-xs break-all">{mbean}</h3>
            {chosen.error ? <ProblemNote error={chosen.error} /> : null}
            {attributes?.length === 0 ? (
              <p className="text-sm text-muted">{t('pinNoNumbers')}</p>
            ) : null}
            {props.targets.length === 0 ? null : (
              <Field label={t('pinInto')}>
                {(control) => (
                  <Select
                    {...control}
                    value={target}
                    onValueChange={setTarget}
                    options={[{ value: NEW_CHART, label: t('pinIntoNew') }, ...props.targets]}
                  />
                )}
              </Field>
            )}
            <ul aria-label={t('pinAttributes', { mbean })}>
              {(attributes ?? []).map((one) => (
                <AttributeRow
                  key={`${one.attribute}.${one.path}`}
                  cluster={cluster}
                  mbean={mbean}
                  one={one}
                  onPinned={pinned}
                />
              ))}
            </ul>
          </>
        )}
      </div>
    </Sheet>
  )
}
