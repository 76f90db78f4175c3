import { useSignal } from '@preact/signals'
import type { ComponentType } from 'preact'
import { useEffect } from 'preact/hooks'

/**
 * A part of the page whose code is loaded when it is first shown; until then it is empty.
 * @param load imports its module
 */
export function lazy<Properties extends object>(
  load: () => Promise<ComponentType<Properties>>,
): ComponentType<Properties> {
  let known: ComponentType<Properties> | undefined
  return function Lazy(properties: Properties) {
    const isLoaded = useSignal(known !== undefined)
    useEffect(() => {
      load().then((Loaded) => {
        known = Loaded
        isLoaded.value = true
      })
    }, [])
    const Known = known
    return isLoaded.value && Known !== undefined ? <Known {...properties} /> : null
  }
}
