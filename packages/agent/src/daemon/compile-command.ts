import { readFileSync } from 'node:fs'
import { listingText } from '@tetragon-ts/api'
import {
  type CompiledPolicy,
  compilePolicy,
  type KernelView,
  numbersOfOne,
} from '@tetragon-ts/compiler'
import { decodeKernel, describedKernel } from '@tetragon-ts/compiler/kernel-description'
import { listInSteps } from '@tetragon-ts/compiler/listing'
import { Btf } from '@tetragon-ts/ebpf/btf'
import type { Target } from '@tetragon-ts/ebpf/lang'
import { runSteps } from '@tetragon-ts/ebpf/steps'
import { formatDiagnostic, type PolicyDocument } from '@tetragon-ts/policy'
import type { ProcessWalk } from '@tetragon-ts/sensors/process'
import { flag, list, type Options, optionalChoice, text } from '@tetragon-ts/service/options'
import { AgentError } from '../error.ts'
import { isTooLarge, tooLarge } from '../policies/kernel/policy-error.ts'
import { readPolicyFiles } from '../policies/sources/policy-files.ts'
import { type PrintCommand, parseCommand } from './command-options.ts'

const modes = ['enforce', 'monitor'] as const

const options = {
  'kernel-info': flag({ help: 'also print the features of the running kernel' }),
  mode: optionalChoice({
    value: 'MODE',
    choices: modes,
    help: 'compile for this mode instead of that of the policy',
  }),
  btf: text({ value: 'FILE', help: "file with the kernel's BTF types (/sys/kernel/btf/vmlinux)" }),
  kernel: list({
    value: 'FILE',
    keepsCommas: true,
    help: 'compile for the kernel of this file, which tetragon kernel describe has written; can be repeated',
  }),
  help: flag({ short: 'h', help: 'show this help' }),
} as const satisfies Options

const command = {
  name: 'compile',
  about: 'show the programs that policies compile to on a kernel, without loading them',
  operands: 'FILE...',
  description: `The output has for each hook the back end, why it was chosen and why better ones were refused, and
the instructions, annotated with the parts of the policy that they implement; then the maps. Without
--kernel it is for the running kernel, and needs the permissions of the agent.`,
  options,
  example: 'tetragon compile policies/file/follow-etc.yaml',
} satisfies PrintCommand<typeof options>

/** A kernel to compile for. */
interface Kernel {
  readonly view: KernelView
  readonly target: Target
  /** How running processes are visited; undefined: only a node knows that. */
  readonly walk: ProcessWalk | undefined
}

/** `tetragon compile FILE…`. @throws AgentError AGENT_OPTION, AGENT_POLICY */
export async function compileCommand(argv: readonly string[]): Promise<string> {
  const parsed = parseCommand(command, argv)
  if (typeof parsed === 'string') return parsed
  const { mode, btf, kernel: files, 'kernel-info': hasInfo } = parsed.values
  if (files.length > 0 && (btf !== '' || hasInfo)) {
    const reason = 'compile: --kernel describes a kernel: omit --btf and --kernel-info'
    throw new AgentError('AGENT_OPTION', reason)
  }
  const documents = parsed.operands.flatMap((path) => readPolicyFiles(path))
  if (files.length === 0) {
    const info = hasInfo
      ? [`kernel\n${(await import('./kernel-features.ts')).kernelFeatures()}`]
      : []
    return [...info, ...listAll(documents, await readRunning(btf || undefined), mode)].join('\n')
  }
  const texts: string[] = []
  for (const file of files) {
    const kernel = await readKernel(file)
    texts.push(`kernel ${kernel.release}\n`, ...listAll(documents, kernel, mode))
  }
  return texts.join('\n')
}

/** Loads the FFI. */
async function readRunning(btf: string | undefined): Promise<Kernel> {
  const { policyTarget, runningKernel } = await import('@tetragon-ts/compiler/running-kernel')
  const { chooseWalk } = await import('@tetragon-ts/sensors/process')
  const types = Btf.open(btf)
  const target = policyTarget(types)
  return { view: runningKernel(types), target, walk: chooseWalk(target, '/proc') }
}

async function readKernel(file: string): Promise<Kernel & { readonly release: string }> {
  try {
    const { release, view, target } = describedKernel(await decodeKernel(readFileSync(file)))
    return { release, view, target, walk: undefined }
  } catch (error) {
    const message = `compile: --kernel ${file}: ${(error as Error).message}`
    throw new AgentError('AGENT_OPTION', message, { cause: error })
  }
}

function listAll(
  documents: readonly PolicyDocument[],
  { view, target, walk }: Kernel,
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
    return `${notes.join('')}${listing(compiled, target, walk)}`
  })
}

/** @throws PolicyError for a policy that is too large */
function listing(compiled: CompiledPolicy, target: Target, walk: ProcessWalk | undefined): string {
  try {
    return listingText(runSteps(listInSteps(compiled, target, walk)))
  } catch (error) {
    if (isTooLarge(error)) throw tooLarge(compiled.document)
    throw error
  }
}
