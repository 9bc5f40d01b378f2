/**
 * Charts that came near are put up one a frame, so that scrolling through many of them never waits for
 * more than one.
 */
const waiting: (() => void)[] = []
let request = 0

const next = (): void => {
  waiting.shift()?.()
  request = waiting.length === 0 ? 0 : requestAnimationFrame(next)
}

/** The answer takes it back, if it has not been its turn. */
export const inOwnFrame = (mount: () => void): (() => void) => {
  waiting.push(mount)
  if (request === 0) request = requestAnimationFrame(next)
  return () => {
    const at = waiting.indexOf(mount)
    if (at >= 0) waiting.splice(at, 1)
  }
}
