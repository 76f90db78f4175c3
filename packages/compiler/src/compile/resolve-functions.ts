import type { Diagnostic, Hook, PolicyDocument } from '@tetragon-ts/policy'
import { checkArguments } from '../checks/check-arguments.ts'
import { checkEndless, checkFunctions } from '../checks/check-functions.ts'
import { checkSelectors } from '../checks/check-selectors.ts'
import { inferTypes } from '../checks/infer-types.ts'
import { typeMembers } from '../checks/type-members.ts'
import type { TargetFunction } from '../hook-plans/hook-target.ts'
import type { KernelView } from '../hook-plans/kernel-view.ts'
import { sectionOf } from '../sections/index.ts'

/** A hook as this kernel has it. */
export interface ResolvedHook {
  /** With the types that the kernel's types imply. */
  readonly hook: Hook
  /** Its functions; none if there are errors, or if the kernel lacks all that it may ignore. */
  readonly functions: readonly TargetFunction[]
  /** Names of functions that the kernel lacks; the hook ignores them. */
  readonly unknown: readonly string[]
  readonly diagnostics: readonly Diagnostic[]
}

/** Finds the functions of a hook, and checks the hook against their types. */
export function resolveFunctions(
  written: Hook,
  document: PolicyDocument,
  kernel: KernelView,
): ResolvedHook {
  const section = sectionOf(written)
  const inferred = inferTypes(written, document, kernel)
  const { hook, ...members } = typeMembers(inferred.hook, document, kernel)
  const found = [...inferred.found, ...members.found]
  const list = hook.list === undefined ? undefined : document.policy.lists.get(hook.list)
  const all = section.targets(hook, list, kernel)
  const ofSection = section.check?.(hook, document, kernel) ?? []
  const checked = checkFunctions(hook, all, document, kernel)
  const checks = found.length > 0 ? found : checkArguments(hook, document, kernel)
  const { matchable, diagnostics: ofResults } = checkEndless(hook, checked.known, document)
  const problems = [...ofSection, ...checked.diagnostics, ...checks, ...ofResults]
  const failed = { hook, functions: [], unknown: [] }
  if (problems.some(isError)) return { ...failed, diagnostics: problems }
  const diagnostics = [...problems, ...checkSelectors(hook, document)]
  if (diagnostics.some(isError)) return { ...failed, diagnostics }
  const unknown = checked.unknown.map(({ shown }) => shown)
  return { hook, functions: matchable, unknown, diagnostics }
}

function isError({ severity }: Diagnostic): boolean {
  return severity === 'error'
}
