import { policyModes, withMode } from '@tetragon-ts/policy/policy-text'
import { flag, optionalChoice, text } from '@tetragon-ts/service/options'
import { connectionOptions } from '../../connection/connection-options.ts'
import { withAgent } from '../../connection/with-agent.ts'
import { defineCommand } from '../../define-command.ts'
import { readPolicyText } from '../../policy-text/read-policy.ts'
import { UsageError } from '../../usage-error.ts'
import { dryRun } from './dry-run.ts'
import { hookLines } from './show-hooks.ts'
import { showProgress } from './show-progress.ts'

/** `tetra tracingpolicy add FILE` */
export const add = defineCommand({
  name: 'add',
  parent: 'tracingpolicy',
  summary: 'Load a policy into the agent',
  operands: 'FILE',
  description: 'FILE is a policy in YAML; - is standard input.',
  options: {
    mode: optionalChoice({
      short: 'm',
      value: 'MODE',
      choices: policyModes,
      help: 'Mode to use instead of the mode in the policy',
    }),
    domain: text({ value: 'NAME', help: 'Domain of the policy (default grpc)' }),
    replace: flag({
      help: 'Replace the policy of the same name without a gap; after an error the old one stays loaded',
    }),
    'dry-run': flag({ help: 'Do not load it; show what it would have hit in a log of events' }),
    against: text({
      value: 'LOG',
      help: 'Log for --dry-run; - is standard input (default: the export file of the local agent)',
    }),
    ...connectionOptions,
  },
  examples: [
    ['tetra tracingpolicy add policy.yaml', 'Load a policy'],
    ['tetra tp add -m monitor policy.yaml', 'Only report the actions of a policy'],
    ['tetra tp add --replace policy.yaml', 'Load a changed policy'],
    [
      'tetra tp add --dry-run policy.yaml --against tetragon.log',
      'Show what a policy would have hit',
    ],
  ],
  run: async ({ values, operands, streams }) => {
    const [file] = operands
    const { against, mode } = values
    if (against !== '' && !values['dry-run']) throw new UsageError('--against requires --dry-run')
    if (against === '-' && file === '-') {
      throw new UsageError('standard input cannot be both the policy and the log')
    }
    const text = await readPolicyText(file, streams.stdin)
    if (values['dry-run']) {
      const name = file === '-' ? '<stdin>' : file
      return dryRun({ text, name, mode, log: against }, streams)
    }
    const yaml = mode === undefined ? text : await withMode(text, mode)
    const { domain, replace } = values
    const shown = file === '-' ? '<stdin>' : file
    const hooks = await withAgent(values, async (agent) => {
      const name = streams.stderr.isTTY ? await nameOf(yaml) : undefined
      const request = agent.call('AddTracingPolicy', { yaml, domain, replace }).catch((error) => {
        throw withFile(error as Error, shown)
      })
      if (name === undefined) {
        await request
        return []
      }
      await showProgress(agent, name, domain, request, streams.stderr)
      await request
      // It is only for information.
      const list = await agent.call('ListTracingPolicies', {}).catch(() => undefined)
      return hookLines(list?.policies ?? [], name, domain)
    })
    // The agent cannot return warnings.
    const { formatDiagnostic, readPolicies } = await import('@tetragon-ts/policy')
    for (const diagnostic of readPolicies(yaml, shown).diagnostics) {
      streams.stderr.write(`${formatDiagnostic(diagnostic)}\n`)
    }
    streams.stdout.write(`tracing policy "${file}" ${replace ? 'is in place' : 'added'}\n`)
    for (const line of hooks) streams.stderr.write(`${line}\n`)
    return 0
  },
})

/** The error with the name of the file: the agent does not know it, and calls it policy.yaml. */
function withFile(error: Error, file: string): Error {
  const message = error.message.replace(/^policy\.yaml(?=:\d+:\d+: )/gm, () => file)
  return new Error(message, { cause: error })
}

/** The name of the first policy in a text; empty if it cannot be read. */
async function nameOf(yaml: string): Promise<string> {
  const { readPolicies } = await import('@tetragon-ts/policy')
  return readPolicies(yaml, '').documents[0]?.policy.name ?? ''
}
