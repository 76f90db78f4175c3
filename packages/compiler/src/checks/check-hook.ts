import type { Diagnostic, Hook, PolicyDocument } from '@tetragon-ts/policy'
import { valuesMax } from '@tetragon-ts/sensors/records/hook'
import type { KernelView } from '../hook-plans/kernel-view.ts'
import { checkArgument } from './check-argument.ts'

/** Checks of a hook's arguments that need the kernel. */
export function checkHook(
  hook: Hook,
  document: PolicyDocument,
  kernel: KernelView,
): readonly Diagnostic[] {
  const { args, data, returnArg } = hook
  const all = [...args, ...data, ...(returnArg ? [returnArg] : [])]
  return [
    ...checkCount(all.length, hook, document),
    ...all.flatMap((argument) => checkArgument(argument, { hook, document, kernel })),
    ...checkCopied(hook, document),
  ]
}

function checkCount(count: number, { path }: Hook, document: PolicyDocument): Diagnostic[] {
  if (count <= valuesMax) return []
  const message = `the hook has ${count} values; the maximum is ${valuesMax}`
  return [document.diagnose(path, 'POLICY_LIMIT', message)]
}

/** Values read at the function's return cannot decide about its entry. */
function checkCopied({ args, selectors }: Hook, document: PolicyDocument): Diagnostic[] {
  return selectors.flatMap(({ args: matches }) =>
    matches
      .filter(({ positions }) => positions.some((position) => args[position].returnCopy))
      .map(({ path, positions }) => {
        const message = `argument ${positions.join(', ')} has returnCopy: matchArgs uses values of the entry only`
        return document.diagnose(path, 'POLICY_SELECTOR', message)
      }),
  )
}
