import type { ReactNode } from 'react'

export type Fact = { readonly label: string; readonly value: ReactNode; readonly hint?: string }

/** The few figures a page opens with, in one line; unlike tiles they have no course. */
export const Facts = ({ facts }: { facts: readonly Fact[] }) => (
  <dl className="flex flex-wrap gap-x-8 gap-y-2 rounded-md border border-line bg-panel px-3 py-2">
    {facts.map((fact) => (
      <div key={fact.label} title={fact.hint}>
        <dt className="text-xs text-muted">{fact.label}</dt>
        <dd className="tabular text-base font-medium">{fact.value}</dd>
      </div>
    ))}
  </dl>
)
