import { policyModes, withMode } from '@tetragon-ts/policy/policy-text'
import { optionalChoice } from '@tetragon-ts/service/options'
import { defineCommand } from '../../define-command.ts'
import { readPolicyText } from '../../policy-text/read-policy.ts'
import { UsageError } from '../../usage-error.ts'

/** `tetra tracingpolicy modify FILE` */
export const modify = defineCommand({
  name: 'modify',
  parent: 'tracingpolicy',
  summary: 'Print a policy with its mode changed; needs no agent',
  operands: 'FILE',
  options: {
    mode: optionalChoice({ short: 'm', value: 'MODE', choices: policyModes, help: 'New mode' }),
  },
  examples: [
    ['tetra tracingpolicy modify -m monitor policy.yaml', 'Print the policy with mode monitor'],
  ],
  run: async ({ values, operands, streams }) => {
    const [file] = operands
    if (values.mode === undefined) throw new UsageError('nothing to modify: give --mode')
    const text = await readPolicyText(file, streams.stdin)
    streams.stdout.write(await withMode(text, values.mode))
    return 0
  },
})
