import type { Command } from '../command.ts'
import { defineGroup } from '../define-group.ts'
import { meaningless } from './meaningless.ts'

const parent = 'sensors'
const operands = 'NAME'
const reason = 'sensors are deprecated; tetra tracingpolicy has taken their place'

/** `tetra sensors` */
export const sensors: Command = defineGroup({
  name: 'sensors',
  hidden: true,
  summary: 'Show and change sensors (deprecated; see tracingpolicy)',
  examples: [['tetra sensors list', 'Explain what has taken their place']],
  commands: [
    meaningless({ name: 'list', parent, summary: 'Show sensors', reason }),
    meaningless({ name: 'enable', parent, summary: 'Enable a sensor', operands, reason }),
    meaningless({ name: 'disable', parent, summary: 'Disable a sensor', operands, reason }),
    meaningless({ name: 'rm', parent, summary: 'Remove a sensor', operands, reason }),
  ],
})
