import { writeFileSync } from 'node:fs'
import { Btf } from '@tetragon-ts/ebpf/btf'
import { flag, list, type Options, text } from '@tetragon-ts/service/options'
import { AgentError } from '../error.ts'
import { helpOf, type PrintCommand, parseCommand } from './command-options.ts'

const options = {
  output: text({
    value: 'FILE',
    short: 'o',
    help: 'write to this file instead of standard output',
  }),
  module: list({
    value: 'NAME',
    help: 'also describe the types and functions of this loaded module; can be repeated',
  }),
  help: flag({ short: 'h', help: 'show this help' }),
} as const satisfies Options

const command = {
  name: 'kernel describe',
  about: 'write a description of this kernel, to check policies on other machines',
  operands: '',
  description: `The file has the kernel's types and functions, its tracepoints, the answers of all probes, the
active security modules and limits. It has no addresses, no names of the machine, and nothing about
processes. Needs the permissions of the agent.`,
  options,
  example: `tetragon kernel describe -o node-1.kernel
  tetra tracingpolicy validate --kernel node-1.kernel policies/`,
} satisfies PrintCommand<typeof options>

/** `tetragon kernel describe`. @throws AgentError AGENT_OPTION, AGENT_PERMISSION, AGENT_KERNEL */
export async function kernelCommand([name, ...argv]: readonly string[]): Promise<
  string | Uint8Array
> {
  if (name === undefined || name === '--help' || name === '-h') return helpOf(command)
  if (name !== 'describe') throw wrong(`unknown command '${name}'`)
  const parsed = parseCommand(command, argv)
  if (typeof parsed === 'string') return parsed
  const { output, module: modules } = parsed.values
  const invalid = modules.find((each) => !/^\w[\w-]{0,63}$/.test(each))
  if (invalid !== undefined) throw wrong(`invalid --module '${invalid}' (example: nf_tables)`)
  if (output === '' && process.stdout.isTTY) {
    throw wrong('the description is binary: write it to a file with -o')
  }
  const description = await describe([...new Set(modules)])
  if (output === '') return description
  writeFileSync(output, description)
  return `${output}: ${description.length} bytes\n${await unknownModules()}`
}

/** A line about security modules if they are unknown. */
async function unknownModules(): Promise<string> {
  const { securityModules } = await import('@tetragon-ts/ebpf/features')
  const { reason } = securityModules()
  return reason === '' ? '' : `security modules are unknown: ${reason}\n`
}

/** Loads the FFI. */
async function describe(modules: readonly string[]): Promise<Uint8Array> {
  const { describeKernel, runningKernel } = await import('@tetragon-ts/compiler/running-kernel')
  const { probe } = await import('@tetragon-ts/ebpf/features')
  const { answer, reason } = probe('raw_tp')
  if (answer === 'unknown') {
    throw new AgentError('AGENT_PERMISSION', `describe kernel: ${reason}`)
  }
  const kernel = runningKernel(Btf.open())
  try {
    return await describeKernel(kernel, modules)
  } catch (error) {
    if (!isMissingModule(error)) throw error
    const message = `describe kernel: ${error.path}: the module is not loaded, or has no types`
    throw new AgentError('AGENT_KERNEL', message, { cause: error })
  }
}

function isMissingModule(error: unknown): error is NodeJS.ErrnoException {
  const { code, path = '' } = error as NodeJS.ErrnoException
  return code === 'ENOENT' && path.startsWith('/sys/kernel/btf/')
}

function wrong(reason: string): AgentError {
  return new AgentError('AGENT_OPTION', `kernel: ${reason}; see kernel --help`)
}
