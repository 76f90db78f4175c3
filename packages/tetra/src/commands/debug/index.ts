import type { Command } from '../../command.ts'
import { defineGroup } from '../../define-group.ts'
import { debugDump } from './dump.ts'
import { maps } from './maps.ts'
import { enableStats, progs } from './progs.ts'

/** `tetra debug` */
export const debug: Command = defineGroup({
  name: 'debug',
  summary: "Inspect the agent's maps and programs in the kernel",
  commands: [maps, progs, enableStats, debugDump],
  examples: [
    ['tetra debug progs', 'The cost of the agent'],
    ['tetra debug maps', 'Its memory in the kernel'],
    ['tetra debug dump errmetrics', 'Whether anything was lost'],
  ],
})
