import { connectionOptions } from '../../connection/connection-options.ts'
import { withAgent } from '../../connection/with-agent.ts'
import { defineCommand } from '../../define-command.ts'
import { takeOperands } from '../operands.ts'
import { type PolicyMode, policyModes, withMode } from './policy-mode.ts'
import { readPolicyText } from './read-policy.ts'

/** `tetra tracingpolicy add FILE` */
export const add = defineCommand({
  name: 'add',
  parent: 'tracingpolicy',
  summary: 'Load a policy into the agent',
  operands: 'FILE',
  description: 'FILE is a policy in YAML; - is standard input.',
  options: {
    mode: {
      kind: 'text',
      short: 'm',
      value: 'MODE',
      default: '',
      choices: policyModes,
      help: 'Mode to use instead of the mode in the policy',
    },
    domain: {
      kind: 'text',
      value: 'NAME',
      default: '',
      help: 'Domain of the policy (default grpc)',
    },
    replace: {
      kind: 'flag',
      help: 'Replace the policy of the same name without a gap; after an error the old one stays loaded',
    },
    ...connectionOptions,
  },
  examples: [
    ['tetra tracingpolicy add policy.yaml', 'Load a policy'],
    ['tetra tp add -m monitor policy.yaml', 'Only report the actions of a policy'],
    ['tetra tp add --replace policy.yaml', 'Load a changed policy'],
  ],
  run: async ({ values, operands, streams }) => {
    const [file] = takeOperands(operands, ['FILE'])
    const text = await readPolicyText(file, streams.stdin)
    const yaml = values.mode === '' ? text : await withMode(text, values.mode as PolicyMode)
    const { domain, replace } = values
    await withAgent(values, (agent) => agent.call('AddTracingPolicy', { yaml, domain, replace }))
    // The agent cannot return warnings.
    const { formatDiagnostic, readPolicies } = await import('@tetragon-ts/policy')
    for (const diagnostic of readPolicies(yaml, file === '-' ? '<stdin>' : file).diagnostics) {
      streams.stderr.write(`${formatDiagnostic(diagnostic)}\n`)
    }
    streams.stdout.write(`tracing policy "${file}" ${replace ? 'is in place' : 'added'}\n`)
    return 0
  },
})
