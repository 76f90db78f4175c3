import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { describeKernel, runningKernel } from '@tetragon-ts/compiler/running-kernel'
import { Btf } from '@tetragon-ts/ebpf/btf'
import { probe } from '@tetragon-ts/ebpf/features'
import { AgentError } from '../error.ts'

const help = `tetragon kernel describe: write a description of this kernel, to check policies on other machines

Usage: tetragon kernel describe [-o FILE] [--module NAME]...

The file has the kernel's types and functions, its tracepoints, the answers of all probes, the
active security modules and limits. It has no addresses, no names of the machine, and nothing about
processes. Needs the permissions of the agent.

  -o, --output FILE  write to this file instead of standard output
  --module NAME      also describe the types and functions of this loaded module

Example:
  tetragon kernel describe -o node-1.kernel
  tetra tracingpolicy validate --kernel node-1.kernel policies/
`

/** `tetragon kernel describe`. @throws AgentError AGENT_OPTION, AGENT_PERMISSION, AGENT_KERNEL */
export function kernelCommand([command, ...argv]: readonly string[]): string | Uint8Array {
  if (command === undefined || command === '--help' || command === '-h') return help
  if (command !== 'describe') throw wrong(`unknown command '${command}'`)
  const { values, positionals } = parse(argv)
  if (values.help) return help
  if (positionals.length > 0) throw wrong(`unexpected operand '${positionals[0]}'`)
  const { output, module: modules = [] } = values
  const invalid = modules.find((name) => !/^\w[\w-]{0,63}$/.test(name))
  if (invalid !== undefined) throw wrong(`invalid --module '${invalid}' (example: nf_tables)`)
  if (output === undefined && process.stdout.isTTY) {
    throw wrong('the description is binary: write it to a file with -o')
  }
  const description = describe([...new Set(modules)])
  if (output === undefined) return description
  writeFileSync(output, description)
  return `${output}: ${description.length} bytes\n`
}

function describe(modules: readonly string[]): Uint8Array {
  const { answer, reason } = probe('raw_tp')
  if (answer === 'unknown') {
    throw new AgentError('AGENT_PERMISSION', `describe kernel: ${reason}`)
  }
  const kernel = runningKernel(Btf.open())
  try {
    return describeKernel(kernel, modules)
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

function parse(argv: readonly string[]) {
  const options = {
    help: { type: 'boolean', short: 'h' },
    output: { type: 'string', short: 'o' },
    module: { type: 'string', multiple: true },
  } as const
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true })
  } catch (error) {
    throw wrong((error as Error).message.split('. ')[0])
  }
}

function wrong(reason: string): AgentError {
  return new AgentError('AGENT_OPTION', `kernel: ${reason}; see kernel --help`)
}
