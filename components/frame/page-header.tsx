import type { ReactNode } from 'react'

type PageHeaderProps = {
  title: ReactNode
  /** One sentence: the page's answer. */
  verdict?: ReactNode
  aside?: ReactNode
  actions?: ReactNode
}

export const PageHeader = ({ title, verdict, aside, actions }: PageHeaderProps) => (
  <div className="mb-4 flex flex-wrap items-start gap-x-4 gap-y-2">
    <div className="min-w-0 flex-1 basis-80 max-sm:basis-full">
      <h1 className="text-xl font-semibold break-words">{title}</h1>
      {verdict ? <div className="mt-0.5 text-base">{verdict}</div> : null}
    </div>
    {aside ? <div className="flex min-h-8 items-center text-sm text-muted">{aside}</div> : null}
    {actions ? (
      <div className="flex max-w-full min-w-0 flex-wrap items-center gap-2">{actions}</div>
    ) : null}
  </div>
)
