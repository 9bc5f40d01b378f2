import { useLocale, useTranslations } from 'next-intl'
import { useCallback } from 'react'

export type ProblemLike = {
  readonly problem?: {
    readonly type?: string | undefined
    readonly code: string
    readonly detail?: string | undefined
    readonly title: string
    readonly values?: Readonly<Record<string, string | number>> | undefined
    readonly kafkaError?: string | undefined
    readonly errors?: readonly { path: string; message: string }[] | undefined
  }
  readonly message: string
}

type ProblemText = {
  /** What happened, in the page's language. */
  readonly text: string
  /** The server's or the broker's own English, where the text is only its gist. */
  readonly original: string | null
}

const REASON = /^urn:eyrie:problem:([a-z0-9-]+)$/

// Keys come from the server; each is looked for in the catalogue before it is used.
type Loose = {
  (key: string, values?: Readonly<Record<string, string | number>>): string
  has(key: string): boolean
}

/** The sentence of a refusal by its stable type or Kafka's error name, else by its code. */
export const useProblemText = (): ((error: ProblemLike) => ProblemText) => {
  const t = useTranslations('problem') as unknown as Loose
  const isEnglish = useLocale() === 'en'
  return useCallback(
    ({ problem }) => {
      if (!problem) return { text: t('network'), original: null }
      const reason = REASON.exec(problem.type ?? '')?.[1]
      if (reason !== undefined && t.has(`reason.${reason}`)) {
        return { text: t(`reason.${reason}`, problem.values), original: null }
      }
      const own = problem.detail ?? problem.title
      if (isEnglish) return { text: own, original: null }
      const keys = [`kafka.${problem.kafkaError}`, `title.${problem.code}`]
      const key = keys.find((one) => t.has(one))
      return key === undefined ? { text: own, original: null } : { text: t(key), original: own }
    },
    [t, isEnglish],
  )
}

/** Likewise of one part of a request, by Kafka's error name. */
export const usePartErrorText = (): ((error: { code: string; message: string }) => string) => {
  const t = useTranslations('problem') as unknown as Loose
  const isEnglish = useLocale() === 'en'
  return useCallback(
    ({ code, message }) => (isEnglish || !t.has(`kafka.${code}`) ? message : t(`kafka.${code}`)),
    [t, isEnglish],
  )
}
