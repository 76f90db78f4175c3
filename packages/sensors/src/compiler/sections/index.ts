import type { Section } from '@tetragon-ts/policy'
import { functionSection } from './functions.ts'
import { lsmSection } from './lsm-hooks.ts'
import type { HookSection } from './section.ts'
import { tracepointSection } from './tracepoints.ts'

/** Sections that this release refuses: see findUnsupported in packages/policy. */
const notYet = undefined

/** All sections: a missing one does not compile. */
const sections = {
  kprobes: functionSection,
  fentries: functionSection,
  tracepoints: tracepointSection,
  lsmhooks: lsmSection,
  uprobes: notYet,
  usdts: notYet,
} satisfies Record<Section, HookSection | undefined>

/** A section by its name; undefined if it is not implemented. */
export function hookSection(name: Section): HookSection | undefined {
  return sections[name]
}

/** The section of a hook that can be attached. */
export function sectionOf({ section }: { readonly section: Section }): HookSection {
  const found = sections[section]
  if (!found) throw new Error(`no hooks for ${section}`)
  return found
}
