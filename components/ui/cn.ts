import { type ClassValue, clsx } from 'clsx'
import { extendTailwindMerge } from 'tailwind-merge'

const merge = extendTailwindMerge({
  extend: { theme: { text: ['xs', 'sm', 'base', 'lg', 'xl', '2xl'] } },
})

/** Joins class names; a later utility wins over an earlier one of the same kind. */
export const cn = (...inputs: ClassValue[]): string => merge(clsx(inputs))
