import { escapeUnprintable } from '@tetragon-ts/api'
import type { Diagnostic } from '@tetragon-ts/policy'
import { flag, optionalChoice } from '@tetragon-ts/service/options'
import { defineCommand } from '../../define-command.ts'
import { jsonLine } from '../../json-text.ts'
import { outputOption } from '../../output-option.ts'
import { policyModes } from '../../policy-text/policy-mode.ts'
import { policyFiles, readPolicyText } from '../../policy-text/read-policy.ts'

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}

function byPosition(a: Diagnostic, b: Diagnostic): number {
  return a.line - b.line || a.column - b.column
}

function countSeverity(diagnostics: readonly Diagnostic[], severity: string): number {
  return diagnostics.filter((each) => each.severity === severity).length
}

/** `tetra tracingpolicy validate FILE…` */
export const validate = defineCommand({
  name: 'validate',
  parent: 'tracingpolicy',
  summary: 'Check policies without an agent',
  operands: 'FILE|FOLDER...',
  description:
    'Shows all errors and warnings, with their positions. The exit code is 1 if there is an error.\n' +
    'Only the agent can check whether a kernel has the functions of a policy and the means to enforce\n' +
    'it.',
  options: {
    output: outputOption('one object per finding and line'),
    mode: optionalChoice({
      short: 'm',
      value: 'MODE',
      choices: policyModes,
      help: 'Check for this mode instead of the mode in the policy',
    }),
    strict: flag({ help: 'Fail on warnings too' }),
  },
  examples: [
    ['tetra tracingpolicy validate policies/', 'Check all files of a folder, for example in CI'],
    ['helm template . | tetra tp validate -', 'Check the output of another program'],
  ],
  run: async ({ values, operands, streams }) => {
    // Loaded on demand: it is slow to load.
    const { findUnsupported, formatDiagnostic, readPolicies } = await import('@tetragon-ts/policy')
    let policies = 0
    let errors = 0
    let warnings = 0
    for (const path of await policyFiles(operands)) {
      const text = await readPolicyText(path, streams.stdin).catch((error: Error) => {
        streams.stderr.write(`tetra: ${escapeUnprintable(error.message)}\n`)
      })
      // The others are checked anyway.
      if (text === undefined) {
        errors++
        continue
      }
      const name = path === '-' ? '<stdin>' : path
      const read = readPolicies(text, name)
      const wanted = read.documents.map((document) =>
        values.mode === undefined ? document : document.withMode(values.mode),
      )
      const unsupported = wanted.map((document) => findUnsupported(document))
      policies += unsupported.filter((each) => countSeverity(each, 'error') === 0).length
      const diagnostics = [...read.diagnostics, ...unsupported.flat()].sort(byPosition)
      errors += countSeverity(diagnostics, 'error')
      warnings += countSeverity(diagnostics, 'warning')
      for (const diagnostic of diagnostics) {
        const isJson = values.output === 'json'
        const shown = isJson ? jsonLine(diagnostic) : `${formatDiagnostic(diagnostic, text)}\n`
        streams.stdout.write(shown)
      }
    }
    const good = `${policies} ${policies === 1 ? 'policy is' : 'policies are'} right`
    const found = [count(errors, 'error'), count(warnings, 'warning')].join(', ')
    streams.stderr.write(`${good}; ${found}\n`)
    return errors > 0 || (values.strict && warnings > 0) ? 1 : 0
  },
})
