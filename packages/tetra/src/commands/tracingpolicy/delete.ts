import { connectionOptions } from '../../connection/connection-options.ts'
import { withAgent } from '../../connection/with-agent.ts'
import { defineCommand } from '../../define-command.ts'
import { identityOptions } from './identity.ts'

/** `tetra tracingpolicy delete NAME` */
export const remove = defineCommand({
  name: 'delete',
  parent: 'tracingpolicy',
  summary: 'Remove a policy from the agent',
  operands: 'NAME',
  options: { ...identityOptions, ...connectionOptions },
  examples: [['tetra tracingpolicy delete watch-connections', 'Remove the policy']],
  run: async ({ values, operands, streams }) => {
    const [name] = operands
    const { namespace, domain } = values
    await withAgent(values, (agent) => {
      return agent.call('DeleteTracingPolicy', { name, namespace, domain })
    })
    streams.stdout.write(`tracing policy "${name}" deleted\n`)
    return 0
  },
})
