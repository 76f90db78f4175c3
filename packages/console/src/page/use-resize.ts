import type { RefObject } from 'preact'
import { useEffect, useRef } from 'preact/hooks'

/**
 * Acts when an element gets another height.
 * @param act gets the inner height before, in pixels
 */
export function useResize(
  element: RefObject<HTMLElement | null>,
  act: (heightBefore: number) => void,
): void {
  const latest = useRef(act)
  latest.current = act
  useEffect(() => {
    const observed = element.current!
    let height = observed.clientHeight
    const observer = new ResizeObserver(() => {
      const before = height
      height = observed.clientHeight
      if (height !== before) latest.current(before)
    })
    observer.observe(observed)
    return () => observer.disconnect()
  }, [])
}
