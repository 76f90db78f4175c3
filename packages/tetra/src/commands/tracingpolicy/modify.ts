import { defineCommand } from '../../define-command.ts'
import { type PolicyMode, policyModes, withMode } from '../../policy-text/policy-mode.ts'
import { readPolicyText } from '../../policy-text/read-policy.ts'
import { UsageError } from '../../usage-error.ts'
import { takeOperands } from '../operands.ts'

/** `tetra tracingpolicy modify FILE` */
export const modify = defineCommand({
  name: 'modify',
  parent: 'tracingpolicy',
  summary: 'Print a policy with its mode changed; needs no agent',
  operands: 'FILE',
  options: {
    mode: {
      kind: 'text',
      short: 'm',
      value: 'MODE',
      default: '',
      choices: policyModes,
      help: 'New mode',
    },
  },
  examples: [
    ['tetra tracingpolicy modify -m monitor policy.yaml', 'Print the policy with mode monitor'],
  ],
  run: async ({ values, operands, streams }) => {
    const [file] = takeOperands(operands, ['FILE'])
    if (values.mode === '') throw new UsageError('nothing to modify: give --mode')
    const text = await readPolicyText(file, streams.stdin)
    streams.stdout.write(await withMode(text, values.mode as PolicyMode))
    return 0
  },
})
