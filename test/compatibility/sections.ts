import { compactSection } from './compact.ts'
import { messageSection, valueSection } from './messages.ts'
import { metricSection } from './metrics.ts'
import { operatorSection } from './operator.ts'
import { optionSection } from './options.ts'
import { procedureSection } from './procedures.ts'
import type { Section } from './table.ts'
import { tetraSection } from './tetra.ts'

/** The parts of the page: a new one is a file and a line here. */
export const sections: readonly Section[] = [
  procedureSection(),
  messageSection(),
  valueSection(),
  optionSection(),
  operatorSection(),
  metricSection(),
  tetraSection(),
  compactSection(),
]
