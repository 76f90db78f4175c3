import type { UsdtArgument, UsdtProbe } from '@tetragon-ts/ebpf/elf'

/** A hook of the section `usdts`. */
interface UsdtHook {
  readonly path: string
  readonly provider: string
  readonly name: string
  readonly args?: readonly { readonly index: number; readonly type: string }[]
}

/** Hooks, and the arguments of their probes that a policy cannot have. */
export interface UsdtHooks {
  readonly hooks: readonly UsdtHook[]
  /** Lines such as `app/start: arguments 2, 3`. */
  readonly omitted: readonly string[]
}

/**
 * A hook for each static probe of a program. Arguments are integers of the size in the note: it
 * does not say which of them are pointers to strings.
 * @param argumentsMax maximum number of arguments that a hook can have
 */
export function usdtHooks(
  path: string,
  probes: readonly UsdtProbe[],
  argumentsMax: number,
): UsdtHooks {
  const hooks = new Map<string, UsdtHook>()
  const omitted: string[] = []
  for (const { provider, name, arguments: list } of probes) {
    const key = `${provider}/${name}`
    // Further places of the probe have the same arguments.
    if (hooks.has(key)) continue
    const isPossible = ({ kind }: UsdtArgument, index: number) =>
      kind !== 'unknown' && index < argumentsMax
    const args = list.flatMap((argument, index) =>
      isPossible(argument, index) ? [{ index, type: typeOf(argument) }] : [],
    )
    const others = [...list.keys()].filter((index) => !isPossible(list[index], index))
    if (others.length > 0) omitted.push(`${key}: arguments ${others.join(', ')}`)
    hooks.set(key, { path, provider, name, ...(args.length > 0 ? { args } : {}) })
  }
  return { hooks: [...hooks.values()], omitted }
}

function typeOf({ size, signed }: UsdtArgument): string {
  return `${signed ? 'sint' : 'uint'}${size * 8}`
}
