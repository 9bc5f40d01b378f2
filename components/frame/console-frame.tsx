'use client'

import { Menu, Search } from 'lucide-react'
import Link from 'next/link'
import { usePathname } from 'next/navigation'
import { useTranslations } from 'next-intl'
import { Dialog as Primitive } from 'radix-ui'
import { type ReactNode, useCallback, useEffect, useState } from 'react'
import { useClusters, useWatchCluster } from '../../hooks/use-clusters.ts'
import { useConsoleLinks } from '../../hooks/use-console-links.ts'
import { TimeTravelBar, TimeTravelButton } from '../events/time-travel.tsx'
import { Button } from '../ui/button.tsx'
import { Breadcrumb } from './breadcrumb.tsx'
import { clusterColor } from './cluster-color.ts'
import { ClusterStrip } from './cluster-strip.tsx'
import { ClusterTree } from './cluster-tree.tsx'
import { CollectionStop } from './collection-stop.tsx'
import { CommandPalette } from './command-palette.tsx'
import { Logo } from './logo.tsx'
import { RangePicker, ZoomBack } from './range-picker.tsx'
import { LanguageButton, MeMenu, RefreshMenu, ThemeMenu } from './top-bar-menus.tsx'
import { usePlace } from './use-place.ts'
import { useShortcuts } from './use-shortcuts.ts'

const Brand = () => {
  const links = useConsoleLinks()
  const clusters = useClusters()
  const first = clusters.data?.items[0]?.id ?? 'embedded'
  return (
    <Link
      href={links.overview(first)}
      className="flex h-12 items-center gap-2 px-4 text-base font-semibold tracking-tight"
    >
      <Logo className="size-5 text-accent" />
      Eyrie
    </Link>
  )
}

const Drawer = (props: { open: boolean; onOpenChange: (open: boolean) => void }) => {
  const t = useTranslations('nav')
  return (
    <Primitive.Root open={props.open} onOpenChange={props.onOpenChange}>
      <Primitive.Portal>
        <Primitive.Overlay className="fixed inset-0 z-50 animate-fade-in bg-page/70" />
        <Primitive.Content
          aria-describedby={undefined}
          className="fixed inset-y-0 left-0 z-50 flex w-68 animate-drawer-in flex-col border-r border-line bg-panel"
        >
          <Primitive.Title className="sr-only">{t('label')}</Primitive.Title>
          <Brand />
          <div className="min-h-0 flex-1">
            <ClusterTree />
          </div>
        </Primitive.Content>
      </Primitive.Portal>
    </Primitive.Root>
  )
}

const SearchButton = ({ onOpen }: { onOpen: () => void }) => {
  const t = useTranslations('palette')
  return (
    <Button
      onClick={onOpen}
      aria-label={t('open')}
      aria-keyshortcuts="Control+K"
      className="justify-between gap-3 text-muted max-lg:border-transparent max-lg:bg-transparent max-lg:px-2 lg:w-60"
    >
      <span className="inline-flex items-center gap-1.5">
        <Search aria-hidden />
        <span className="max-lg:hidden">{t('open')}</span>
      </span>
      <kbd className="font-sans text-xs max-lg:hidden">Ctrl K</kbd>
    </Button>
  )
}

/** How tall the top bar is, a cluster's strip included: below it sticks what else stays in sight. */
const watchFrameTop = (header: HTMLElement | null) => {
  if (!header) return
  const observer = new ResizeObserver(() =>
    document.documentElement.style.setProperty('--frame-top', `${header.offsetHeight}px`),
  )
  observer.observe(header)
  return () => observer.disconnect()
}

/** Tree, top bar and the page between; what every signed-in page stands in. */
export const ConsoleFrame = ({ children }: { children: ReactNode }) => {
  const t = useTranslations('nav')
  const place = usePlace()
  const pathname = usePathname()
  const [isDrawerOpen, setIsDrawerOpen] = useState(false)
  const [isPaletteOpen, setIsPaletteOpen] = useState(false)
  const openPalette = useCallback(() => setIsPaletteOpen(true), [])
  const clusters = useClusters()
  const cluster = place.cluster ?? clusters.data?.items[0]?.id ?? null
  const here = clusters.data?.items.find((one) => one.id === place.cluster) ?? null
  useWatchCluster(place.cluster)
  useShortcuts({ cluster, openPalette })
  // biome-ignore lint/correctness/useExhaustiveDependencies: arriving on a page closes the drawer.
  useEffect(() => setIsDrawerOpen(false), [pathname])
  return (
    <div className="md:grid md:grid-cols-[232px_minmax(0,1fr)]">
      <a
        href="#content"
        className="sr-only focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:z-70 focus:rounded-md focus:bg-panel focus:px-3 focus:py-2"
      >
        {t('skip')}
      </a>
      <aside className="sticky top-0 hidden h-dvh flex-col border-r border-line bg-panel md:flex">
        <Brand />
        <div className="min-h-0 flex-1">
          <ClusterTree />
        </div>
      </aside>
      <div className="min-w-0">
        <header
          ref={watchFrameTop}
          className="sticky top-0 z-30 bg-panel"
          style={{
            borderBottom: `3px solid ${place.cluster === null ? 'var(--line)' : clusterColor(place.cluster, here?.color)}`,
          }}
        >
          <div className="flex h-12 items-center gap-1 px-2 sm:px-4">
            <Button
              variant="ghost"
              size="icon"
              className="md:hidden"
              aria-label={t('openMenu')}
              onClick={() => setIsDrawerOpen(true)}
            >
              <Menu aria-hidden />
            </Button>
            <Breadcrumb />
            <SearchButton onOpen={openPalette} />
            {place.cluster === null ? null : (
              <>
                <ZoomBack />
                <TimeTravelButton place={place} />
                <RangePicker />
              </>
            )}
            <RefreshMenu />
            <LanguageButton className="px-2 max-sm:hidden" />
            <ThemeMenu className="max-sm:hidden" />
            <MeMenu />
          </div>
          {here ? <ClusterStrip cluster={here} /> : null}
        </header>
        <main id="content" tabIndex={-1} className="p-3 outline-none sm:p-4">
          <CollectionStop />
          <TimeTravelBar place={place} />
          {children}
        </main>
      </div>
      <Drawer open={isDrawerOpen} onOpenChange={setIsDrawerOpen} />
      <CommandPalette cluster={cluster} open={isPaletteOpen} onOpenChange={setIsPaletteOpen} />
    </div>
  )
}
