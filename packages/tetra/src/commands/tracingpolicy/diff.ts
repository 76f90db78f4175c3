import { escapeUnprintable } from '@tetragon-ts/api'
import { flag, text } from '@tetragon-ts/service/options'
import { connectionOptions } from '../../connection/connection-options.ts'
import { withAgent } from '../../connection/with-agent.ts'
import { defineCommand } from '../../define-command.ts'
import { jsonLine } from '../../json-text.ts'
import { outputOption } from '../../output-option.ts'
import { UsageError } from '../../usage-error.ts'

const trouble = 2

/** `tetra tracingpolicy diff FILE…` */
export const diff = defineCommand({
  name: 'diff',
  parent: 'tracingpolicy',
  summary: 'Show differences between policy files and loaded policies',
  operands: 'FILE|FOLDER...',
  description:
    'Policies are compared by meaning: comments, defaults and the order of fields are ignored. The\n' +
    'exit code is 0 if there is no difference, 1 if there is one, 2 after an error.',
  options: {
    all: flag({ help: 'Include loaded policies that are in no file' }),
    domain: text({ value: 'NAME', help: 'Only policies of this domain' }),
    output: outputOption('one object per policy and line'),
    ...connectionOptions,
  },
  examples: [
    ['tetra tracingpolicy diff policy.yaml', 'What loading the file would change'],
    ['tetra tp diff --all policies/', 'Whether a machine runs exactly these, for CI'],
  ],
  run: async ({ values, operands, streams }) => {
    // Loaded on demand: it is slow to load.
    const { compare, extras, readFiles, textOf } = await import('../../diff/compare-policies.ts')
    try {
      const documents = await readFiles(operands, streams.stdin)
      const { policies = [] } = await withAgent(values, (agent) => agent.call('GetPolicies', {}))
      const running = policies.filter(({ domain }) => {
        return values.domain === '' || domain === values.domain
      })
      const compared = compare(documents, running)
      const all = values.all ? [...compared, ...extras(documents, running)] : compared
      for (const comparison of all) {
        const isJson = values.output === 'json'
        streams.stdout.write(isJson ? jsonLine(comparison) : textOf(comparison))
      }
      return all.every(({ state }) => state === 'same') ? 0 : 1
    } catch (error) {
      if (error instanceof UsageError) throw error
      const lines = (error as Error).message.split('\n').map(escapeUnprintable)
      streams.stderr.write(`tetra: ${lines.join('\n')}\n`)
      return trouble
    }
  },
})
