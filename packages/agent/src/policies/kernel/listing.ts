import { format } from '@tetragon-ts/ebpf/asm'
import { type CompiledProgram, compile, type Program, type Target } from '@tetragon-ts/ebpf/lang'
import type { MapSpec } from '@tetragon-ts/ebpf/maps'
import type { CompiledHook, CompiledPolicy } from '@tetragon-ts/sensors/compiler'
import { chooseWalk } from '@tetragon-ts/sensors/process'

/**
 * Listing of a compiled policy: hooks with their back ends and the reasons, maps, and instructions
 * annotated with the parts of the policy. Nothing is loaded.
 */
export function listPolicy(compiled: CompiledPolicy, target: Target): string {
  const { document, hooks, notFound, processSets } = compiled
  const maps = new Map<MapSpec, number>()
  const options = {
    mapFd(spec: MapSpec): number {
      if (!maps.has(spec)) maps.set(spec, maps.size + 1)
      return maps.get(spec) as number
    },
  }
  const build = (program: Program) => ({ program, code: compile(program, target, options) })
  const built = hooks.map((hook) => ({ hook, programs: hook.programs.map(build) }))
  const walk = chooseWalk(target, '/proc')
  const ofSets = processSets.all.flatMap((set) => [...set.keeping, ...set.filling(walk)])
  const keeping = ofSets.map(build)
  const blocks = built.map(({ hook, programs }) => hookText(hook, programs))
  for (const { hook, name } of notFound) {
    blocks.push(
      `${hook.path}: ${name}\n  not hooked: this kernel does not have it (ignore.callNotFound)`,
    )
  }
  if (document.policy.loader) {
    blocks.push('spec.loader\n  perf events of all CPUs: no program')
  }
  if (keeping.length > 0) {
    blocks.push(
      ['programs that keep sets of processes', ...keeping.flatMap(programText)].join('\n'),
    )
  }
  const total = [...built.flatMap(({ programs }) => programs), ...keeping]
  const slots = total.reduce((sum, { code }) => sum + code.slots, 0)
  return `${[
    `policy ${document.policy.name} (${document.file})`,
    `  ${total.length} program${total.length === 1 ? '' : 's'}, ${slots} instructions`,
    ...blocks.map((block) => `\n${block}`),
    `\nmaps\n${[...maps.keys()].map(mapText).join('\n')}`,
  ].join('\n')}\n`
}

interface Built {
  readonly program: Program
  readonly code: CompiledProgram
}

/** Maximum number of listed functions. */
const namesShown = 8

function hookText(compiled: CompiledHook, programs: readonly Built[]): string {
  const { planned, attempts, functions } = compiled
  const { hook, plan } = planned
  const lines = [`${hook.path}: ${hook.call}`, `  back end ${plan.backend}: ${plan.why}`]
  if (hook.list !== undefined) {
    const names = functions.slice(0, namesShown).map(({ shown }) => shown)
    const more = functions.length - names.length
    lines.push(`  functions ${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}`)
  }
  if (plan.difference) lines.push(`  differs: ${plan.difference}`)
  for (const { backend, reason } of attempts) lines.push(`  not ${backend}: ${reason}`)
  return [...lines, ...programs.flatMap(programText)].join('\n')
}

function programText({ program, code }: Built): string[] {
  const lines = [
    `  program ${program.name} at ${program.hook.kind} ${program.hook.target}: ` +
      `${code.slots} instructions`,
  ]
  let part = ''
  for (const instruction of code.instructions) {
    const position = instruction.position as { readonly text?: string; readonly line: number }
    const here = position?.text ?? ''
    if (here !== part) lines.push(`    ; ${here}${here ? ` (line ${position.line})` : ''}`)
    part = here
    lines.push(`      ${format(instruction)}`)
  }
  return lines
}

function mapText({ name, type, key, value, maxEntries }: MapSpec): string {
  return `  ${name.padEnd(16)} ${type}: key ${key.size}, value ${value.size}, ${maxEntries} entries`
}
