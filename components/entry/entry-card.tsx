'use client'

import type { ReactNode } from 'react'
import { Logo } from '../frame/logo.tsx'
import { LanguageButton, ThemeMenu } from '../frame/top-bar-menus.tsx'

export const EntryCard = (props: { title: string; intro?: ReactNode; children: ReactNode }) => (
  <main className="grid min-h-dvh place-items-center p-4">
    <div className="w-full max-w-95">
      <div className="mb-4 flex items-center gap-2 text-lg font-semibold tracking-tight">
        <Logo className="size-6 text-accent" />
        Eyrie
        <span className="ml-auto flex items-center">
          <LanguageButton />
          <ThemeMenu />
        </span>
      </div>
      <div className="rounded-lg border border-line bg-panel p-5">
        <h1 className="text-xl font-semibold">{props.title}</h1>
        {props.intro ? <p className="mt-1 text-sm text-muted">{props.intro}</p> : null}
        <div className="mt-4">{props.children}</div>
      </div>
    </div>
  </main>
)
