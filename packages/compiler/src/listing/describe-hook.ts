import type { AnnotatedHook } from '@tetragon-ts/api'
import type { CompiledHook, CompiledPolicy } from '../compile/compile-policy.ts'

/** Maximum number of listed functions. */
const functionsMax = 8

/** A hook without its programs: its back end, and why it was chosen. */
export function describeHook({ planned, attempts, functions }: CompiledHook): AnnotatedHook {
  const { hook, plan } = planned
  const names = hook.list === undefined ? [] : functions.map(({ shown }) => shown)
  return {
    path: hook.path,
    call: hook.call,
    backend: plan.backend,
    reason: plan.why,
    difference: plan.difference ?? '',
    functions: names.slice(0, functionsMax),
    omitted_functions: Math.max(0, names.length - functionsMax),
    refused: attempts.map(({ backend: name, reason }) => ({ name, reason })),
  }
}

/** A function of a hook that the kernel does not have. */
export function describeMissing({ hook, name }: CompiledPolicy['notFound'][number]): AnnotatedHook {
  const note = 'not hooked: this kernel does not have it (ignore.callNotFound)'
  return { path: hook.path, call: name, note }
}
