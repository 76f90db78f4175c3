import type { Command } from '../../command.ts'
import { defineGroup } from '../../define-group.ts'
import { add } from './add.ts'
import { disable, enable, setMode } from './configure.ts'
import { remove } from './delete.ts'
import { diff } from './diff.ts'
import { generate } from './generate/index.ts'
import { domains, list } from './list.ts'
import { modify } from './modify.ts'
import { programs } from './programs.ts'
import { validate } from './validate.ts'

/** `tetra tracingpolicy` */
export const tracingpolicy: Command = defineGroup({
  name: 'tracingpolicy',
  aliases: ['tp'],
  summary: 'Load, show, change and check policies',
  commands: [
    ...[add, remove, list, enable, disable, setMode, domains],
    ...[modify, validate, diff, generate, programs],
  ],
  examples: [
    ['tetra tracingpolicy validate policy.yaml', 'Check a policy before loading it'],
    ['tetra tracingpolicy add policy.yaml', 'Load it into the agent of this machine'],
    ['tetra tracingpolicy list', 'Show its state and counters'],
  ],
})
