/**
 * Does something now and then, the next time after the last one has ended.
 * @param act reports its failures itself
 * @returns ends that
 */
export function watch(act: () => Promise<void>, milliseconds: number): () => void {
  let isOver = false
  let timer: ReturnType<typeof setTimeout> | undefined
  const next = async (): Promise<void> => {
    await act()
    if (!isOver) timer = setTimeout(next, milliseconds)
  }
  next()
  return () => {
    isOver = true
    clearTimeout(timer)
  }
}
