// Tells a disk that fails from a caller's mistake: only the former takes a log directory offline.

/** Errors of the operating system carry such a code (EIO, ENOSPC, EROFS, ENOENT …); our own ones do not. */
export function isDiskError(error: unknown): boolean {
  const { code } = (error ?? {}) as { code?: unknown }
  if (typeof code !== 'string' || code === 'EWORKER' || code === 'ELOCKED') return false
  return /^E(?!RR_)[A-Z0-9]+$/.test(code)
}
