import en from '../messages/en.json' with { type: 'json' }
import zh from '../messages/zh.json' with { type: 'json' }
import type { Locale } from './locale.ts'

export type Messages = typeof en

export const messagesOf = (locale: Locale): Messages => (locale === 'zh' ? zh : en)
