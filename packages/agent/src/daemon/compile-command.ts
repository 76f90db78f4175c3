import { parseArgs } from 'node:util'
import { type CompiledPolicy, compilePolicy } from '@tetragon-ts/compiler'
import { policyTarget, runningKernel } from '@tetragon-ts/compiler/running-kernel'
import { Btf } from '@tetragon-ts/ebpf/btf'
import type { Target } from '@tetragon-ts/ebpf/lang'
import { formatDiagnostic } from '@tetragon-ts/policy'
import { AgentError } from '../error.ts'
import { listingText, listPolicy } from '../policies/kernel/listing/policy-listing.ts'
import { isTooLarge, tooLarge } from '../policies/kernel/policy-error.ts'
import { readPolicyFiles } from '../policies/sources/read-files.ts'
import { kernelFeatures } from './kernel-features.ts'

const help = `tetragon compile: show the programs that policies compile to on this kernel, without loading them

Usage: tetragon compile [--kernel-info] [--mode MODE] [--btf FILE] FILE...

The output has for each hook the back end, why it was chosen and why better ones were refused, and
the instructions, annotated with the parts of the policy that they implement; then the maps.

  --kernel-info  also print the features of this kernel
  --mode MODE    compile for this mode, enforce or monitor, instead of that of the policy
  --btf FILE     file with the kernel's BTF types (/sys/kernel/btf/vmlinux)

Example:
  tetragon compile policies/file/follow-etc.yaml
`

/** `tetragon compile FILE…`. @throws AgentError AGENT_OPTION, AGENT_POLICY */
export function compileCommand(argv: readonly string[]): string {
  const { values, positionals } = parse(argv)
  if (values.help) return help
  if (positionals.length === 0) {
    throw new AgentError('AGENT_OPTION', 'compile: missing policy file; see compile --help')
  }
  const btf = Btf.open(values.btf)
  const target = policyTarget(btf)
  const kernel = runningKernel(btf)
  const texts = values['kernel-info'] ? [`kernel\n${kernelFeatures()}`] : []
  let hookId = 1
  const { mode } = values
  if (mode !== undefined && mode !== 'enforce' && mode !== 'monitor') {
    throw new AgentError('AGENT_OPTION', `compile: invalid --mode '${mode}': enforce or monitor`)
  }
  for (const written of positionals.flatMap((path) => readPolicyFiles(path))) {
    const document = mode === undefined ? written : written.withMode(mode)
    const numbers = { policyId: 1, nextHookId: () => hookId++, workloads: numbered() }
    const { compiled, diagnostics } = compilePolicy(document, kernel, numbers)
    if (!compiled) {
      const problems = diagnostics.map((diagnostic) => formatDiagnostic(diagnostic))
      throw new AgentError('AGENT_POLICY', problems.join('\n'))
    }
    const notes = [...document.warnings, ...diagnostics].map(
      (diagnostic) => `${formatDiagnostic(diagnostic)}\n`,
    )
    texts.push(`${notes.join('')}${listing(compiled, target)}`)
  }
  return texts.join('\n')
}

/** Numbers workloads in their order. */
function numbered(): (key: string) => number {
  const keys: string[] = []
  return (key) => (keys.includes(key) ? keys.indexOf(key) : keys.push(key) - 1)
}

/** @throws PolicyError for a policy that is too large */
function listing(compiled: CompiledPolicy, target: Target): string {
  try {
    return listingText(listPolicy(compiled, target))
  } catch (error) {
    if (isTooLarge(error)) throw tooLarge(compiled.document)
    throw error
  }
}

function parse(argv: readonly string[]) {
  const options = {
    help: { type: 'boolean', short: 'h' },
    'kernel-info': { type: 'boolean' },
    mode: { type: 'string' },
    btf: { type: 'string', default: '/sys/kernel/btf/vmlinux' },
  } as const
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true })
  } catch (error) {
    const reason = (error as Error).message.split('. ')[0]
    throw new AgentError('AGENT_OPTION', `compile: ${reason}; see compile --help`)
  }
}
