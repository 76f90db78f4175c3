import type { PolicyDocument } from './policy-document.ts'

/** Longer texts would take seconds, even if only to report an error. */
const longestText = 2 ** 20

/**
 * Maximum number of hooks and selectors: compiling and attaching take some milliseconds each, in
 * which other policies wait. A list of functions is one hook, whatever its length. Files have no
 * limit.
 */
const hooksMax = 1000
const selectorsMax = 2000

/** Why the text of a policy from a client is refused unread. */
export function lengthProblem({ length }: string): string | undefined {
  if (length <= longestText) return undefined
  return `it has ${length} characters; the maximum is ${longestText}`
}

/** Why a policy from a client is refused before it is compiled. */
export function sizeProblem({ policy: { hooks } }: PolicyDocument): string | undefined {
  const selectors = hooks.reduce((sum, hook) => sum + hook.selectors.length, 0)
  for (const [count, most, what] of [
    [hooks.length, hooksMax, 'hooks'],
    [selectors, selectorsMax, 'selectors'],
  ] as const) {
    if (count > most) return `it has ${count} ${what}; the limit for clients is ${most}`
  }
  return undefined
}
