/** Whether a condition matches; undefined if the recorded event cannot decide it. */
export type Truth = boolean | undefined

/** Whether all match: one that does not is enough to know. */
export function every(truths: readonly Truth[]): Truth {
  if (truths.includes(false)) return false
  return truths.includes(undefined) ? undefined : true
}

/** Whether one matches: that one is enough to know. */
export function some(truths: readonly Truth[]): Truth {
  if (truths.includes(true)) return true
  return truths.includes(undefined) ? undefined : false
}

/** The opposite if a condition is negated. */
export function negatedIf(negated: boolean, truth: Truth): Truth {
  return truth === undefined || !negated ? truth : !truth
}
