import type { RefObject } from 'preact'
import { useEffect, useRef } from 'preact/hooks'

/** Acts when an element has got another inner height. */
export function useResize(element: RefObject<HTMLElement | null>, act: () => void): void {
  const latest = useRef(act)
  latest.current = act
  useEffect(() => {
    const observed = element.current!
    let height = observed.clientHeight
    const observer = new ResizeObserver(() => {
      if (height === observed.clientHeight) return
      height = observed.clientHeight
      latest.current()
    })
    observer.observe(observed)
    return () => observer.disconnect()
  }, [])
}
