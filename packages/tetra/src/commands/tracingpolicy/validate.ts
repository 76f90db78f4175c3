import { escapeUnprintable } from '@tetragon-ts/api'
import type { KernelCheck } from '@tetragon-ts/compiler/kernel-description'
import type { Diagnostic, PolicyDocument } from '@tetragon-ts/policy'
import { policyModes } from '@tetragon-ts/policy/policy-text'
import { flag, list, optionalChoice, text } from '@tetragon-ts/service/options'
import { counted } from '../../counted.ts'
import { defineCommand } from '../../define-command.ts'
import { jsonLine } from '../../json-text.ts'
import { checkReport } from '../../kernels/check-report.ts'
import { checkForeign, type PolicyOperands } from '../../kernels/foreign-checks.ts'
import { type Kernels, readKernels } from '../../kernels/read-kernels.ts'
import { outputOption } from '../../output-option.ts'
import { policyFiles, readPolicyText } from '../../policy-text/read-policy.ts'
import { UsageError } from '../../usage-error.ts'

function byPosition(a: Diagnostic, b: Diagnostic): number {
  return a.line - b.line || a.column - b.column
}

function countSeverity(diagnostics: readonly Diagnostic[], severity: string): number {
  return diagnostics.filter((each) => each.severity === severity).length
}

/** Every policy on every kernel. */
async function checkAll(
  documents: readonly PolicyDocument[],
  { native, foreign }: Kernels,
  policies: PolicyOperands,
): Promise<readonly KernelCheck[]> {
  if (documents.length === 0 || native.length + foreign.size === 0) return []
  const { checkPolicy } = await import('@tetragon-ts/compiler/kernel-description')
  const checks = documents.flatMap((document) =>
    native.map(({ name, kernel }): KernelCheck => {
      return { kernel: name, file: document.file, ...checkPolicy(document, kernel) }
    }),
  )
  for (const [architecture, files] of foreign) {
    checks.push(...(await checkForeign(architecture, files, policies)))
  }
  return checks
}

async function reportOf(checks: readonly KernelCheck[]): Promise<string> {
  const { checkNotes, checkRows } = await import('@tetragon-ts/compiler/kernel-description')
  return checkReport(checkRows(checks), checkNotes(checks))
}

const unchecked = '; not checked: functions of kernels and means to enforce (see --kernel)'

/** `tetra tracingpolicy validate FILE…` */
export const validate = defineCommand({
  name: 'validate',
  parent: 'tracingpolicy',
  summary: 'Check policies without an agent',
  operands: 'FILE|FOLDER...',
  description:
    'Shows all errors and warnings, with their positions. The exit code is 1 if there is an error.\n' +
    'Whether a kernel has the functions of a policy and the means to enforce it is checked for each\n' +
    'kernel of --kernel: a table has the back end of each hook, and what is enforced how. The exit code\n' +
    'is 1 if a policy does not work on one of them. Results that depend on programs of the node are\n' +
    '"depends", unless --root has them. Neither privileges nor Linux are needed.',
  options: {
    output: outputOption('one object per finding and line'),
    mode: optionalChoice({
      short: 'm',
      value: 'MODE',
      choices: policyModes,
      help: 'Check for this mode instead of the mode in the policy',
    }),
    kernel: list({
      value: 'FILE',
      keepsCommas: true,
      help: 'Also check for this kernel: a file of "tetragon kernel describe", or a folder of them',
    }),
    root: text({
      value: 'FOLDER',
      help: 'With --kernel: look for programs of user space in this folder, such as / or an unpacked image',
    }),
    strict: flag({ help: 'Fail on warnings too' }),
  },
  examples: [
    ['tetra tracingpolicy validate policies/', 'Check all files of a folder, for example in CI'],
    [
      'tetra tp validate --kernel fleet/ policies/',
      'Check on which kernels of a fleet the policies work',
    ],
    ['helm template . | tetra tp validate -', 'Check the output of another program'],
  ],
  run: async ({ values, operands, streams }) => {
    // Loaded on demand: it is slow to load.
    const { findUnsupported, formatDiagnostic, readPolicies } = await import('@tetragon-ts/policy')
    if (values.root !== '' && values.kernel.length === 0) {
      throw new UsageError('--root needs --kernel: files are checked for a kernel')
    }
    const kernels = await readKernels(values.kernel, values.root)
    const right: PolicyDocument[] = []
    let input = ''
    let errors = 0
    let warnings = 0
    for (const path of await policyFiles(operands)) {
      const content = await readPolicyText(path, streams.stdin).catch((error: Error) => {
        streams.stderr.write(`tetra: ${escapeUnprintable(error.message)}\n`)
      })
      // The others are checked anyway.
      if (content === undefined) {
        errors++
        continue
      }
      if (path === '-') input = content
      const name = path === '-' ? '<stdin>' : path
      const read = readPolicies(content, name)
      const wanted = read.documents.map((document) =>
        values.mode === undefined ? document : document.withMode(values.mode),
      )
      const unsupported = wanted.map((document) => findUnsupported(document))
      const isRight = (_: PolicyDocument, i: number) => countSeverity(unsupported[i], 'error') === 0
      right.push(...wanted.filter(isRight))
      const diagnostics = [...read.diagnostics, ...unsupported.flat()].sort(byPosition)
      errors += countSeverity(diagnostics, 'error')
      warnings += countSeverity(diagnostics, 'warning')
      for (const diagnostic of diagnostics) {
        const isJson = values.output === 'json'
        const shown = isJson ? jsonLine(diagnostic) : `${formatDiagnostic(diagnostic, content)}\n`
        streams.stdout.write(shown)
      }
    }
    const { mode, root } = values
    const checks = await checkAll(right, kernels, { operands, mode, root, input })
    const checked = new Set(checks.map(({ kernel }) => kernel)).size
    const failed = checks.filter(({ verdict }) => verdict === 'fails').length
    if (values.output === 'json') for (const each of checks) streams.stdout.write(jsonLine(each))
    else if (checks.length > 0) streams.stdout.write(await reportOf(checks))
    const policies = right.length
    const good = `${policies} ${policies === 1 ? 'policy is' : 'policies are'} right`
    const found = [counted(errors, 'error'), counted(warnings, 'warning')].join(', ')
    const onKernels = `; on ${counted(checked, 'kernel')}: ${failed} of ${checks.length} fail`
    const unknown = policies > 0 ? unchecked : ''
    streams.stderr.write(`${good}; ${found}${checked > 0 ? onKernels : unknown}\n`)
    return errors + failed > 0 || (values.strict && warnings > 0) ? 1 : 0
  },
})
