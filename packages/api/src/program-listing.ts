import type { AnnotatedHook, AnnotatedMap, AnnotatedProgram } from './messages/policy-programs.ts'

/** A policy with all its programs, which were compiled and not loaded. */
export interface PolicyListing {
  readonly name: string
  readonly file: string
  /** Hooks, and other parts of the policy with programs of their own. */
  readonly hooks: readonly AnnotatedHook[]
  /** Maps of all programs. */
  readonly maps: readonly AnnotatedMap[]
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

/** Lines about a hook and its programs; only about its programs if it is continued. */
export function hookLines(hook: AnnotatedHook): string[] {
  const { path = '', call = '', backend = '', note = '', programs = [] } = hook
  if (hook.continued) return programs.flatMap(programLines)
  return [
    call === '' ? path : `${path}: ${call}`,
    ...(backend === '' ? [] : [`  back end ${backend}: ${hook.reason ?? ''}`]),
    ...functionLines(hook),
    ...(hook.difference ? [`  differs: ${hook.difference}`] : []),
    ...(hook.refused ?? []).map(({ name, reason }) => `  not ${name}: ${reason}`),
    ...(note === '' ? [] : [`  ${note}`]),
    ...programs.flatMap(programLines),
  ]
}

function functionLines({ functions = [], omitted_functions = 0 }: AnnotatedHook): string[] {
  if (functions.length === 0) return []
  const more = omitted_functions > 0 ? ` and ${omitted_functions} more` : ''
  return [`  functions ${functions.join(', ')}${more}`]
}

function programLines(program: AnnotatedProgram): string[] {
  const { name, attach_point, instruction_slots, parts = [] } = program
  const { omitted_instructions = 0, maps = [] } = program
  const lines = [`  program ${name} at ${attach_point}: ${instruction_slots} instructions`]
  for (const [i, { field = '', line, instructions = [] }] of parts.entries()) {
    if (field !== '') lines.push(`    ; ${field} (line ${line})`)
    else if (i > 0) lines.push('    ; ')
    for (const instruction of instructions) lines.push(`      ${instruction}`)
  }
  if (omitted_instructions > 0) lines.push(`    and ${omitted_instructions} more instructions`)
  for (const map of maps) lines.push(`    map[fd:${map.number}]: ${mapText(map)}`)
  return lines
}

/** How many programs hooks have, and how long these are. */
export function programCounts(hooks: readonly AnnotatedHook[]): string {
  const programs = hooks.flatMap((hook) => hook.programs ?? [])
  const slots = programs.reduce((sum, { instruction_slots = 0 }) => sum + instruction_slots, 0)
  return `${programs.length} program${programs.length === 1 ? '' : 's'}, ${slots} instructions`
}

/** A map: its name, its type and its size. */
export function mapText({ name = '', type, ...map }: AnnotatedMap): string {
  const { key_bytes = 0, value_bytes = 0, max_entries = 0 } = map
  return `${name.padEnd(16)} ${type}: key ${key_bytes}, value ${value_bytes}, ${max_entries} entries`
}
