import type { Section } from '@tetragon-ts/policy'
import { functionSection } from './functions.ts'
import { lsmSection } from './lsm-hooks.ts'
import { processSection } from './processes.ts'
import type { HookSection } from './section.ts'
import { tracepointSection } from './tracepoints.ts'
import { uprobeSection } from './uprobes.ts'
import { usdtSection } from './usdts.ts'

/** All sections: a missing one does not compile. */
const sections = {
  kprobes: functionSection,
  fentries: functionSection,
  tracepoints: tracepointSection,
  lsmhooks: lsmSection,
  uprobes: uprobeSection,
  usdts: usdtSection,
  processes: processSection,
} satisfies Record<Section, HookSection>

/** The section of a hook. */
export function sectionOf({ section }: { readonly section: Section }): HookSection {
  return sections[section]
}
