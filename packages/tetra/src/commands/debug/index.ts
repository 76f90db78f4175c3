import type { Command } from '../../command.ts'
import { defineGroup } from '../../define-group.ts'
import { debugDump } from './dump.ts'
import { maps } from './maps.ts'
import { enableStats, progs } from './progs.ts'

/** `tetra debug` */
export const debug: Command = defineGroup({
  name: 'debug',
  summary: "Look into the agent's kernel side",
  commands: [maps, progs, enableStats, debugDump],
  examples: [
    ['tetra debug progs', 'What the agent costs'],
    ['tetra debug maps', 'What its memory in the kernel is for'],
    ['tetra debug dump errmetrics', 'Whether anything was lost'],
  ],
})
