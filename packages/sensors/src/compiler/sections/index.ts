import type { Section } from '@tetragon-ts/policy'
import { functionSection } from './functions.ts'
import { lsmSection } from './lsm-hooks.ts'
import type { HookSection } from './section.ts'
import { tracepointSection } from './tracepoints.ts'

/** Sections whose hooks this release refuses: see findUnsupported of the package policy. */
const notYet = undefined

/** All sections: one that the language has and that is missing here does not compile. */
const sections = {
  kprobes: functionSection,
  fentries: functionSection,
  tracepoints: tracepointSection,
  lsmhooks: lsmSection,
  uprobes: notYet,
  usdts: notYet,
} satisfies Record<Section, HookSection | undefined>

/** A section by its name; undefined if its hooks cannot be attached yet. */
export function hookSection(name: Section): HookSection | undefined {
  return sections[name]
}

/** The same of a hook that can be attached. */
export function sectionOf({ section }: { readonly section: Section }): HookSection {
  const found = sections[section]
  if (!found) throw new Error(`no hooks for ${section}`)
  return found
}
