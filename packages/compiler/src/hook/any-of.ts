import type { Code, Condition } from '@tetragon-ts/ebpf/lang'

/**
 * Whether one of the conditions holds; each is evaluated only if those before it do not. False
 * without conditions.
 */
export function anyOf(k: Code, conditions: readonly (() => Condition)[]): Condition {
  const [first, ...others] = conditions
  if (!first) return never(k)
  return others.reduce<Condition>((all, next) => all.or(next), first())
}

/** Never true. */
export function never(k: Code): Condition {
  return k.constant(0).ne(0)
}

/** Whether all conditions hold; each is evaluated only if those before it do. */
export function allOf(k: Code, conditions: readonly (() => Condition)[]): Condition {
  const [first, ...others] = conditions
  if (!first) return k.constant(0).eq(0)
  return others.reduce<Condition>((all, next) => all.and(next), first())
}
