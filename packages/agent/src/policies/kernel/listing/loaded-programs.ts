import { setImmediate as turn } from 'node:timers/promises'
import type { AnnotatedHook, GetPolicyProgramsResponse } from '@tetragon-ts/api'
import type { CompiledPolicy } from '@tetragon-ts/compiler'
import {
  annotateProgram,
  describeHook,
  describeMissing,
  MapNumbers,
} from '@tetragon-ts/compiler/listing'
import type { Program, Target } from '@tetragon-ts/ebpf/lang'
import type { Hook } from '@tetragon-ts/policy'
import { inTurns } from '../../registry/in-turns.ts'
import type { WantedPrograms } from '../../registry/policy-loader.ts'

/** Limits of a response, in bytes: together less than a MiB. */
export interface ResponseLimits {
  /** It ends after the program with which it reaches this size. */
  readonly response: number
  /** Instructions of a program beyond this size are omitted. */
  readonly program: number
}

const usualLimits: ResponseLimits = { response: 1 << 18, program: 1 << 19 }
/** Maximum characters of an attach point: a program can have hundreds of functions. */
const attachPointMax = 1000

/** A program of a hook; undefined: the hook has none. */
interface Unit {
  readonly hook: AnnotatedHook
  readonly program?: Program
}

/**
 * Lists programs of a loaded policy, up to the size of a response. They are compiled again, one
 * after the other, since a compiled program takes a hundred kilobytes. Events and requests are
 * handled in between. Programs of process sets are shared by policies, and are not listed.
 * @throws LanguageError
 */
export async function listPrograms(
  compiled: CompiledPolicy,
  target: Target,
  { position, ...wanted }: WantedPrograms,
  limits = usualLimits,
): Promise<GetPolicyProgramsResponse> {
  const units = unitsOf(compiled, wanted)
  const hooks: AnnotatedHook[] = []
  let bytes = 0
  let at = position
  while (at < units.length && bytes < limits.response) {
    const { hook, program } = units[at]
    const isNew = units[at - 1]?.hook !== hook
    if (isNew || at === position) {
      hooks.push({ ...hook, programs: [], continued: !isNew })
      bytes += JSON.stringify(hook).length
    }
    if (program !== undefined) {
      const annotated = await inTurns(annotate(program, target, limits))
      hooks.at(-1)?.programs?.push(annotated)
      bytes += JSON.stringify(annotated).length
      await turn()
    }
    at++
  }
  const generation = compiled.hooks[0]?.description.id ?? 0
  return { hooks, next_position: at < units.length ? at : 0, generation }
}

function* annotate(program: Program, target: Target, limits: ResponseLimits) {
  const maps = new MapNumbers()
  const annotated = yield* annotateProgram(program, target, maps, limits.program)
  const { attach_point = '' } = annotated
  const isLong = attach_point.length > attachPointMax
  const shown = isLong ? `${attach_point.slice(0, attachPointMax)}…` : attach_point
  return { ...annotated, attach_point: shown, maps: maps.maps }
}

/** The programs of the wanted hook, or of all hooks, in a fixed order. */
function unitsOf(
  { hooks, notFound }: CompiledPolicy,
  { section, index }: Omit<WantedPrograms, 'position'>,
): Unit[] {
  const isWanted = (hook: Hook): boolean => {
    const ofHook = hook.isEnforcer ? 'enforcers' : hook.section
    return section === '' || (section === ofHook && index === hook.index)
  }
  const found = hooks.filter(({ planned }) => isWanted(planned.hook))
  const missing = notFound.filter(({ hook }) => isWanted(hook))
  return [
    ...found.flatMap((compiled): Unit[] => {
      const hook = describeHook(compiled)
      return compiled.programs.map((program) => ({ hook, program }))
    }),
    ...missing.map((each) => ({ hook: describeMissing(each) })),
  ]
}
