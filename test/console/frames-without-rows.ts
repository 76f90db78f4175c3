/** What a page has drawn while its list followed. */
export interface ListFrames {
  readonly total: number
  /** Frames in which a part of the list that should have rows had none. */
  readonly empty: number
  /** Frames in which other rows were drawn than in the frame before. */
  readonly changed: number
}

/** Script for a page: looks at the list in each frame, until {@link takeListFrames}. */
export const recordListFrames = `
globalThis.listFrames_ = { total: 0, empty: 0, changed: 0 }
{
  let before = ''
  requestAnimationFrame(function next() {
    const frames = globalThis.listFrames_
    if (frames === undefined) return
    requestAnimationFrame(next)
    const list = document.querySelector('.list')
    const rows = list?.querySelectorAll('.row') ?? []
    // Until the first event arrives, there is nothing to draw.
    if (rows.length === 0 && before === '') return
    frames.total++
    if (rows.length === 0) return frames.empty++
    const { top, bottom } = list.getBoundingClientRect()
    const first = rows[0].getBoundingClientRect()
    const last = rows[rows.length - 1].getBoundingClientRect()
    // A list that can be scrolled is full of rows; another one begins with them.
    const isFull = list.scrollHeight > list.clientHeight
    if (first.top > top + 1 || (isFull && last.bottom < bottom - 1)) frames.empty++
    if (rows[rows.length - 1].id !== before) frames.changed++
    before = rows[rows.length - 1].id
  })
}`

/** Script for a page: ends that, and returns what was seen. */
export const takeListFrames = `
{
  const frames = globalThis.listFrames_
  globalThis.listFrames_ = undefined
  frames
}`
