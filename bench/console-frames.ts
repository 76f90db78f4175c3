/** The frames of a page in a time. */
export interface Frames {
  readonly total: number
  /** Frames that took over 50 ms. */
  readonly slow: number
  readonly longestMs: number
}

/** Script for a page: counts its frames until {@link takeFrames}. */
export const recordFrames = `
globalThis.frames_ = { total: 0, slow: 0, longestMs: 0 }
{
  let last = performance.now()
  requestAnimationFrame(function next(now) {
    const frames = globalThis.frames_
    if (frames === undefined) return
    const ms = now - last
    last = now
    frames.total++
    if (ms > 50) frames.slow++
    frames.longestMs = Math.max(frames.longestMs, ms)
    requestAnimationFrame(next)
  })
}`

/** Script for a page: ends the count, and returns it. */
export const takeFrames = `
{
  const frames = globalThis.frames_
  globalThis.frames_ = undefined
  frames
}`
