import {
  type AnnotatedHook,
  type AnnotatedMap,
  hookLines,
  mapText,
  programCounts,
} from '@tetragon-ts/api'
import type { CompiledPolicy } from '@tetragon-ts/compiler'
import type { Program, Target } from '@tetragon-ts/ebpf/lang'
import { runSteps } from '@tetragon-ts/ebpf/steps'
import type { ProcessWalk } from '@tetragon-ts/sensors/process'
import { annotateProgram, MapNumbers } from './annotate-program.ts'
import { describeHook, describeMissing } from './describe-hook.ts'

/** All programs of a policy. */
export interface PolicyListing {
  readonly name: string
  readonly file: string
  /** Hooks, and other parts of the policy with programs of their own. */
  readonly hooks: readonly AnnotatedHook[]
  /** Maps of all programs. */
  readonly maps: readonly AnnotatedMap[]
}

/**
 * Lists a compiled policy: hooks with their back ends and the reasons, maps, and instructions
 * annotated with the fields of the policy. Nothing is loaded.
 * @param walk how running processes are visited; undefined: the programs for that are omitted
 * @throws LanguageError, RangeError if it is nested too deeply
 */
export function listPolicy(
  compiled: CompiledPolicy,
  target: Target,
  walk: ProcessWalk | undefined,
): PolicyListing {
  const { document, hooks, notFound, processSets } = compiled
  const maps = new MapNumbers()
  const annotate = (program: Program) => runSteps(annotateProgram(program, target, maps))
  const listed: AnnotatedHook[] = hooks.map((hook) => {
    return { ...describeHook(hook), programs: hook.programs.map(annotate) }
  })
  listed.push(...notFound.map(describeMissing))
  if (document.policy.loader) {
    listed.push({ path: 'spec.loader', note: 'perf events of all CPUs: no program' })
  }
  const ofSets = processSets.all.flatMap((set) => {
    return [...set.keeping, ...(walk ? set.filling(walk) : [])]
  })
  if (ofSets.length > 0) {
    listed.push({ path: 'programs that keep sets of processes', programs: ofSets.map(annotate) })
  }
  return { name: document.policy.name, file: document.file, hooks: listed, maps: maps.maps }
}

/** The text of a listing. */
export function listingText({ name, file, hooks, maps }: PolicyListing): string {
  return `${[
    `policy ${name} (${file})`,
    `  ${programCounts(hooks)}`,
    ...hooks.map((hook) => `\n${hookLines(hook).join('\n')}`),
    `\nmaps\n${maps.map((map) => `  ${mapText(map)}`).join('\n')}`,
  ].join('\n')}\n`
}
