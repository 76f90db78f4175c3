import type { AnnotatedHook, AnnotatedProgram, PolicyListing } from '@tetragon-ts/api'
import type { Program, Target } from '@tetragon-ts/ebpf/lang'
import type { Steps } from '@tetragon-ts/ebpf/steps'
import type { PolicyDocument } from '@tetragon-ts/policy'
import type { ProcessWalk } from '@tetragon-ts/sensors/process'
import { type CompiledPolicy, compileInSteps, numbersOfOne } from '../compile/compile-policy.ts'
import type { DescribedKernel } from '../kernel-description/index.ts'
import { annotateProgram, MapNumbers } from './annotate-program.ts'
import { describeHook, describeMissing } from './describe-hook.ts'

/**
 * Lists a compiled policy: hooks with their back ends and the reasons, maps, and instructions
 * annotated with the fields of the policy. Nothing is loaded.
 * @param walk how running processes are visited; undefined: the programs for that are omitted
 * @param bytesMax maximum length of the listed instructions of a program
 * @throws LanguageError, RangeError if it is nested too deeply
 */
export function* listInSteps(
  { document, hooks, notFound, processSets }: CompiledPolicy,
  target: Target,
  walk: ProcessWalk | undefined,
  bytesMax?: number,
): Steps<PolicyListing> {
  const maps = new MapNumbers()
  function* annotateAll(programs: readonly Program[]): Steps<AnnotatedProgram[]> {
    const annotated: AnnotatedProgram[] = []
    for (const program of programs) {
      annotated.push(yield* annotateProgram(program, target, maps, bytesMax))
    }
    return annotated
  }
  const listed: AnnotatedHook[] = []
  for (const hook of hooks) {
    listed.push({ ...describeHook(hook), programs: yield* annotateAll(hook.programs) })
  }
  listed.push(...notFound.map(describeMissing))
  if (document.policy.loader) {
    listed.push({ path: 'spec.loader', note: 'perf events of all CPUs: no program' })
  }
  const ofSets = processSets.all.flatMap((set) => {
    return [...set.keeping, ...(walk ? set.filling(walk) : [])]
  })
  if (ofSets.length > 0) {
    const path = 'programs that keep sets of processes'
    listed.push({ path, programs: yield* annotateAll(ofSets) })
  }
  return { name: document.policy.name, file: document.file, hooks: listed, maps: maps.maps }
}

/**
 * Compiles a policy for a described kernel, and lists it.
 * @param bytesMax maximum length of the listed instructions of a program
 * @returns undefined if it does not work there: `checkInSteps` says why
 * @throws LanguageError, RangeError if it is nested too deeply
 */
export function* listForKernel(
  document: PolicyDocument,
  { view, target }: DescribedKernel,
  bytesMax?: number,
): Steps<PolicyListing | undefined> {
  const { compiled } = yield* compileInSteps(document, view, numbersOfOne())
  return compiled && (yield* listInSteps(compiled, target, undefined, bytesMax))
}
