import type { LinkTarget, Selector } from './selector.ts'

/** A policy, as far as links are concerned. */
interface WithHooks {
  readonly hooks: readonly { readonly selectors: readonly Selector[] }[]
}

/** Values of conditions with `resolveLinks`, each once. */
export function linkValues({ hooks }: WithHooks): readonly string[] {
  const matches = hooks.flatMap(({ selectors }) =>
    selectors.flatMap(({ binaries, parentBinaries }) => [...binaries, ...parentBinaries]),
  )
  const values = matches.filter(({ resolveLinks }) => resolveLinks).flatMap((match) => match.values)
  return [...new Set(values)]
}

/** The policy whose conditions with `resolveLinks` know what their values lead to. */
export function withTargets<P extends WithHooks>(
  policy: P,
  targets: ReadonlyMap<string, LinkTarget>,
): P {
  const known = <M extends Selector['binaries'][number]>(match: M): M =>
    match.resolveLinks
      ? { ...match, targets: match.values.flatMap((value) => targets.get(value) ?? []) }
      : match
  const hooks = policy.hooks.map((hook) => ({
    ...hook,
    selectors: hook.selectors.map((selector) => ({
      ...selector,
      binaries: selector.binaries.map(known),
      parentBinaries: selector.parentBinaries.map(known),
    })),
  }))
  return { ...policy, hooks }
}
