import type { AnnotatedMap, AnnotatedPart, AnnotatedProgram } from '@tetragon-ts/api'
import { format } from '@tetragon-ts/ebpf/asm'
import { compileInSteps, type Program, type Target } from '@tetragon-ts/ebpf/lang'
import type { MapSpec } from '@tetragon-ts/ebpf/maps'
import type { Steps } from '@tetragon-ts/ebpf/steps'

/** Numbers maps in the order in which programs refer to them, from 1. */
export class MapNumbers {
  readonly #numbers = new Map<MapSpec, number>()

  readonly numberOf = (spec: MapSpec): number => {
    const number = this.#numbers.get(spec) ?? this.#numbers.size + 1
    this.#numbers.set(spec, number)
    return number
  }

  /** All numbered maps. */
  get maps(): AnnotatedMap[] {
    return [...this.#numbers].map(([{ name, type, key, value, maxEntries }, number]) => {
      const sizes = { key_bytes: key.size, value_bytes: value.size, max_entries: maxEntries }
      return { number, name, type, ...sizes }
    })
  }
}

/**
 * Compiles a program in steps, and annotates its instructions with the fields of the policy.
 * Nothing is loaded.
 * @param bytesMax maximum length of the listed instructions; further ones are only counted
 * @throws LanguageError, RangeError if it is nested too deeply
 */
export function* annotateProgram(
  program: Program,
  target: Target,
  maps: MapNumbers,
  bytesMax = Number.POSITIVE_INFINITY,
): Steps<AnnotatedProgram> {
  const options = { mapFd: maps.numberOf, positions: false }
  const { instructions, slots } = yield* compileInSteps(program, target, options)
  const parts: (AnnotatedPart & { readonly instructions: string[] })[] = []
  let bytes = 0
  let listed = 0
  for (const instruction of instructions) {
    const position = instruction.position as { readonly text?: string; readonly line: number }
    const field = position?.text ?? ''
    const text = format(instruction)
    bytes += text.length
    if (parts.at(-1)?.field !== field) {
      bytes += field.length
      parts.push({ field, ...(field && { line: position.line }), instructions: [] })
    }
    if (bytes > bytesMax) break
    parts.at(-1)?.instructions.push(text)
    listed++
  }
  return {
    name: program.name,
    attach_point: `${program.hook.kind} ${program.hook.target}`,
    instruction_slots: slots,
    parts,
    omitted_instructions: instructions.length - listed,
  }
}
