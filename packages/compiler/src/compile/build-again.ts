import type { FilledMap } from '../hook/hook-context.ts'
import type { CompiledPolicy } from './compile-policy.ts'

/** Builds programs of a policy that is loaded: the maps that they declare again are not kept. */
export function buildAgain<Result>({ maps }: CompiledPolicy, build: () => Result): Result {
  const loaded = maps.length
  try {
    return build()
  } finally {
    ;(maps as FilledMap[]).length = loaded
  }
}
