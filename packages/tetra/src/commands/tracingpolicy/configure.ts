import type { ConfigureTracingPolicyRequest } from '@tetragon-ts/api'
import { policyModes } from '@tetragon-ts/policy/policy-text'
import type { ValuesOf } from '@tetragon-ts/service/options'
import type { Command } from '../../command.ts'
import { connectionOptions } from '../../connection/connection-options.ts'
import { withAgent } from '../../connection/with-agent.ts'
import { defineCommand } from '../../define-command.ts'
import { readOperand } from '../../read-operand.ts'
import { identityOptions } from './identity.ts'

const options = { ...identityOptions, ...connectionOptions } as const

async function configure(
  values: ValuesOf<typeof options>,
  name: string,
  change: Pick<ConfigureTracingPolicyRequest, 'enable' | 'mode'>,
): Promise<void> {
  const { namespace, domain } = values
  await withAgent(values, (agent) => {
    return agent.call('ConfigureTracingPolicy', { name, namespace, domain, ...change })
  })
}

function toggle(verb: 'enable' | 'disable', summary: string): Command {
  return defineCommand({
    name: verb,
    parent: 'tracingpolicy',
    summary,
    operands: 'NAME',
    options,
    examples: [[`tetra tracingpolicy ${verb} watch-connections`, summary]],
    run: async ({ values, operands, streams }) => {
      const [name] = operands
      await configure(values, name, { enable: verb === 'enable' })
      streams.stdout.write(`tracing policy "${name}" ${verb}d\n`)
      return 0
    },
  })
}

/** `tetra tracingpolicy enable NAME` */
export const enable = toggle('enable', 'Enable a disabled policy')

/** `tetra tracingpolicy disable NAME` */
export const disable = toggle('disable', 'Disable a policy without deleting it')

/** `tetra tracingpolicy set-mode NAME MODE` */
export const setMode = defineCommand({
  name: 'set-mode',
  parent: 'tracingpolicy',
  summary: 'Set the mode of a policy: enforce or monitor',
  operands: 'NAME MODE',
  operandChoices: policyModes,
  description: `MODE is ${policyModes.join(' or ')}.`,
  options,
  examples: [
    ['tetra tracingpolicy set-mode block-shells enforce', 'Enforce a policy that was monitored'],
  ],
  run: async ({ values, operands, streams }) => {
    const [name, given] = operands
    const mode = readOperand('MODE', given, policyModes)
    await configure(values, name, { mode: `TP_MODE_${mode.toUpperCase()}` })
    streams.stdout.write(`mode of tracing policy "${name}" is set to ${mode}\n`)
    return 0
  },
})
