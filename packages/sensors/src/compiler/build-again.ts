import type { CompiledPolicy } from './compile-policy.ts'
import type { FilledMap } from './hook-context.ts'

/** Builds programs of a policy that is loaded: the maps that they declare again are not kept. */
export function buildAgain<Result>({ maps }: CompiledPolicy, build: () => Result): Result {
  const loaded = maps.length
  try {
    return build()
  } finally {
    ;(maps as FilledMap[]).length = loaded
  }
}
