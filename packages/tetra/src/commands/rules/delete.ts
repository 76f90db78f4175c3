import { connectionOptions } from '../../connection/connection-options.ts'
import { withAgent } from '../../connection/with-agent.ts'
import { counted } from '../../counted.ts'
import { defineCommand } from '../../define-command.ts'

/** `tetra rules delete NAME` */
export const remove = defineCommand({
  name: 'delete',
  parent: 'rules',
  summary: 'Remove rules that were added',
  operands: 'NAME',
  options: { ...connectionOptions },
  examples: [['tetra rules delete shell.yml', 'Remove what `tetra rules add shell.yml` added']],
  run: async ({ values, operands: [name], streams }) => {
    const { count = 0 } = await withAgent(values, (agent) => agent.call('DeleteRules', { name }))
    streams.stdout.write(`rules "${name}" deleted: ${counted(count, 'rule')} in force\n`)
    return 0
  },
})
