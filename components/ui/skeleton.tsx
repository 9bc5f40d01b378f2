import { cn } from './cn.ts'

/** Holds the place of what is coming; the caller gives it the final size. */
export const Skeleton = ({ className }: { className?: string }) => (
  <span aria-hidden className={cn('block h-3.5 animate-breathe rounded-sm bg-hover', className)} />
)
