import type { ComparedValue } from './comparison.ts'
import { refused } from './verdicts.ts'

/** A value without effect, as the templates of the chart read it. */
interface WithoutEffect {
  readonly value: string
  readonly default: unknown
  readonly reason: string
  readonly refused: boolean
}

/**
 * Values without effect that the chart reports when they are set. Of groups with `enabled` it is
 * only that value.
 */
export function withoutEffect(values: readonly ComparedValue[]): readonly WithoutEffect[] {
  const omitted = values.filter(({ state }) => state === 'omitted')
  const switches = omitted.map(({ path }) => path).filter((path) => path.endsWith('.enabled'))
  const groups = switches.map((path) => path.slice(0, -'enabled'.length))
  const isInside = (path: string) =>
    groups.some((group) => path.startsWith(group) && path !== `${group}enabled`)
  return omitted
    .filter(({ path }) => !isInside(path))
    .map(({ path, default: initial, note }) => {
      return { value: path, default: initial, reason: note, refused: refused.includes(path) }
    })
}
