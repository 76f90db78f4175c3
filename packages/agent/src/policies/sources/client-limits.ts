import type { PolicyDocument } from '@tetragon-ts/policy'
import { RequestError } from '../../request-error.ts'

/** Longer texts would block all clients for seconds, even if only to report an error. */
const longestText = 2 ** 20

/**
 * Maximum number of hooks and selectors: compiling and attaching take some milliseconds each and
 * block other clients. A list of functions is one hook, whatever its length. Files have no limit.
 */
const hooksMax = 1000
const selectorsMax = 2000

/** Checks the text of a policy before it is read. @throws RequestError */
export function checkLength(text: string): void {
  if (text.length <= longestText) return
  const message = `read policy: it has ${text.length} characters; the maximum is ${longestText}`
  throw new RequestError('invalid', message)
}

/** Checks a policy before it is compiled. @throws RequestError */
export function checkSize({ policy: { hooks } }: PolicyDocument): void {
  const selectors = hooks.reduce((sum, hook) => sum + hook.selectors.length, 0)
  for (const [count, most, what] of [
    [hooks.length, hooksMax, 'hooks'],
    [selectors, selectorsMax, 'selectors'],
  ] as const) {
    if (count <= most) continue
    const message = `read policy: it has ${count} ${what}; the limit for clients is ${most}`
    throw new RequestError('invalid', message)
  }
}
