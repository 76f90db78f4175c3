import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import {
  type CompiledPolicy,
  compilePolicy,
  type KernelView,
  numbersOfOne,
} from '@tetragon-ts/compiler'
import { decodeKernel, describedKernel } from '@tetragon-ts/compiler/kernel-description'
import { Btf } from '@tetragon-ts/ebpf/btf'
import type { Target } from '@tetragon-ts/ebpf/lang'
import { formatDiagnostic, type PolicyDocument } from '@tetragon-ts/policy'
import { AgentError } from '../error.ts'
import { listingText, listPolicy } from '../policies/kernel/listing/policy-listing.ts'
import { isTooLarge, tooLarge } from '../policies/kernel/policy-error.ts'
import { readPolicyFiles } from '../policies/sources/read-files.ts'

const help = `tetragon compile: show the programs that policies compile to on this kernel, without loading them

Usage: tetragon compile [--kernel-info] [--mode MODE] [--btf FILE | --kernel FILE...] FILE...

The output has for each hook the back end, why it was chosen and why better ones were refused, and
the instructions, annotated with the parts of the policy that they implement; then the maps.

  --kernel-info  also print the features of this kernel
  --mode MODE    compile for this mode, enforce or monitor, instead of that of the policy
  --btf FILE     file with the kernel's BTF types (/sys/kernel/btf/vmlinux)
  --kernel FILE  compile for the kernel of this file, which tetragon kernel describe has written,
                 instead of the running one; can be repeated, and needs no root

Example:
  tetragon compile policies/file/follow-etc.yaml
`

/** A kernel to compile for. */
interface Kernel {
  readonly view: KernelView
  readonly target: Target
}

/** `tetragon compile FILE…`. @throws AgentError AGENT_OPTION, AGENT_POLICY */
export async function compileCommand(argv: readonly string[]): Promise<string> {
  const { values, positionals } = parse(argv)
  if (values.help) return help
  if (positionals.length === 0) {
    throw new AgentError('AGENT_OPTION', 'compile: missing policy file; see compile --help')
  }
  const { mode, btf, kernel: files = [] } = values
  if (mode !== undefined && mode !== 'enforce' && mode !== 'monitor') {
    throw new AgentError('AGENT_OPTION', `compile: invalid --mode '${mode}': enforce or monitor`)
  }
  if (files.length > 0 && (btf !== undefined || values['kernel-info'])) {
    const reason = 'compile: --kernel describes a kernel: omit --btf and --kernel-info'
    throw new AgentError('AGENT_OPTION', reason)
  }
  const documents = positionals.flatMap((path) => readPolicyFiles(path))
  const texts: string[] = []
  if (files.length === 0) {
    const { policyTarget, runningKernel } = await import('@tetragon-ts/compiler/running-kernel')
    if (values['kernel-info']) {
      const { kernelFeatures } = await import('./kernel-features.ts')
      texts.push(`kernel\n${kernelFeatures()}`)
    }
    const types = Btf.open(btf)
    const running = { view: runningKernel(types), target: policyTarget(types) }
    return [...texts, ...listAll(documents, running, mode)].join('\n')
  }
  for (const file of files) {
    const kernel = readKernel(file)
    texts.push(`kernel ${kernel.release}\n`, ...listAll(documents, kernel, mode))
  }
  return texts.join('\n')
}

function readKernel(file: string) {
  try {
    return describedKernel(decodeKernel(readFileSync(file)))
  } catch (error) {
    const message = `compile: --kernel ${file}: ${(error as Error).message}`
    throw new AgentError('AGENT_OPTION', message, { cause: error })
  }
}

function listAll(
  documents: readonly PolicyDocument[],
  { view, target }: Kernel,
  mode: 'enforce' | 'monitor' | undefined,
): readonly string[] {
  return documents.map((written) => {
    const document = mode === undefined ? written : written.withMode(mode)
    const { compiled, diagnostics } = compilePolicy(document, view, numbersOfOne())
    if (!compiled) {
      const problems = diagnostics.map((diagnostic) => formatDiagnostic(diagnostic))
      throw new AgentError('AGENT_POLICY', problems.join('\n'))
    }
    const notes = [...document.warnings, ...diagnostics].map(
      (diagnostic) => `${formatDiagnostic(diagnostic)}\n`,
    )
    return `${notes.join('')}${listing(compiled, target)}`
  })
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
    btf: { type: 'string' },
    kernel: { type: 'string', multiple: true },
  } as const
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true })
  } catch (error) {
    const reason = (error as Error).message.split('. ')[0]
    throw new AgentError('AGENT_OPTION', `compile: ${reason}; see compile --help`)
  }
}
