import type { Hook } from '@tetragon-ts/policy'
import { layOut, type UsdtLayout } from './usdt-layouts.ts'
import type { Locator } from './user-probes.ts'

/** Layouts of a hook in all files, each of which has a program. */
export const layoutsMax = 256

/**
 * Finds the places of a hook's static probe that have a layout.
 * @param layout undefined: those of a policy that has no program yet, because there is no file
 * @param planned keys of all layouts that the policy has programs for
 */
export function usdtLocator(
  hook: Hook,
  layout: UsdtLayout | undefined,
  planned: ReadonlySet<string>,
): Locator {
  return {
    shown: hook.call,
    find(file) {
      if (!layout) return []
      const places = layOut(hook, file).filter((each) => each.layout?.key === layout.key)
      return places.map(({ probe: { offset, semaphoreOffset } }) => {
        return { offset, counterOffset: semaphoreOffset }
      })
    },
    others(file) {
      const places = layOut(hook, file)
      if (places.length === 0) return undefined
      const others = places.some((place) => place.layout && !planned.has(place.layout.key))
      const isFull = planned.size >= layoutsMax
      const problems = new Set(places.flatMap(({ problem }) => problem?.message ?? []))
      if (others && isFull) problems.add(`the hook has ${layoutsMax} programs for other files`)
      return { areNew: others && !isFull, problems: [...problems] }
    },
  }
}
