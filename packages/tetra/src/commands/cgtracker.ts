import type { Command } from '../command.ts'
import { defineGroup } from '../define-group.ts'
import { meaningless } from './meaningless.ts'

const parent = 'cgtracker'
const reason =
  'this agent keeps no table of nested control groups: each record of a process names its own'

/** `tetra cgtracker` */
export const cgtracker: Command = defineGroup({
  name: 'cgtracker',
  hidden: true,
  summary: 'Inspect the table of nested control groups',
  examples: [['tetra cgtracker dump', 'Explain why there is no such table']],
  commands: [
    meaningless({ name: 'dump', parent, summary: 'Show the table', reason }),
    meaningless({ name: 'add', parent, summary: 'Add an entry', operands: 'CGROUP', reason }),
  ],
})
