import { basename } from 'node:path'
import { arch } from 'node:process'
import { escapeUnprintable, syscallNames } from '@tetragon-ts/api'
import { debugFilesIn, ElfFile } from '@tetragon-ts/ebpf/elf'
import { compileRegExp, type Pattern } from '@tetragon-ts/policy/regexp'
import { list, type Options, text } from '@tetragon-ts/service/options'
import type { Command } from '../../../command.ts'
import { defineCommand } from '../../../define-command.ts'
import { defineGroup } from '../../../define-group.ts'
import { UsageError } from '../../../usage-error.ts'
import { readKernelFunctions } from './kernel-functions.ts'
import { policyText, selectorsFor } from './policy-text.ts'
import { uprobeHooks } from './uprobe-hooks.ts'
import { usdtHooks } from './usdt-hooks.ts'

const parent = 'tracingpolicy generate'

const matchBinary = {
  'match-binary': list({ short: 'm', value: 'PATHS', help: 'Only system calls of these programs' }),
} as const satisfies Options

const binaryOption = {
  binary: text({ short: 'b', value: 'FILE', help: 'Program or library to inspect' }),
} as const satisfies Options

/** The system calls of this machine, as spelled in policies. */
function systemCalls(): string[] {
  const names = syscallNames(arch === 'arm64' ? 'arm64' : 'x64')
  return names.map((name) => `sys_${name}`)
}

/** A policy name from a file name: lower-case letters, digits and dashes. */
function nameOf(prefix: string, path: string): string {
  const word = basename(path)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
  return `${prefix}-${word}`
    .replace(/^-+|-+$/g, '')
    .slice(0, 63)
    .replace(/-+$/, '')
}

const empty = defineCommand({
  name: 'empty',
  parent,
  summary: 'A policy without hooks, to fill in',
  options: matchBinary,
  examples: [['tetra tracingpolicy generate empty > policy.yaml', 'Start a policy']],
  run: async ({ values, streams }) => {
    const hook = { call: 'sys_openat', syscall: true, ...selectorsFor(values['match-binary']) }
    const isWanted = values['match-binary'].length > 0
    streams.stdout.write(await policyText('empty', isWanted ? { kprobes: [hook] } : {}))
    return 0
  },
})

const allSyscalls = defineCommand({
  name: 'all-syscalls',
  parent,
  summary: 'A policy with a hook for each system call',
  options: matchBinary,
  examples: [
    [
      'tetra tracingpolicy generate all-syscalls -m /usr/bin/curl > policy.yaml',
      'All system calls of curl',
    ],
  ],
  run: async ({ values, streams }) => {
    const selectors = selectorsFor(values['match-binary'])
    const kprobes = systemCalls().map((call) => ({ call, syscall: true, ...selectors }))
    streams.stdout.write(await policyText('syscalls', { kprobes }))
    return 0
  },
})

const allSyscallsList = defineCommand({
  name: 'all-syscalls-list',
  parent,
  summary: 'A policy with one hook for a list of all system calls',
  options: matchBinary,
  examples: [
    ['tetra tp generate all-syscalls-list > policy.yaml', 'Then remove noisy calls from the list'],
  ],
  run: async ({ values, streams }) => {
    const lists = [{ name: 'syscalls', type: 'syscalls', values: systemCalls() }]
    const selectors = selectorsFor(values['match-binary'])
    const kprobes = [{ call: 'list:syscalls', syscall: true, ...selectors }]
    streams.stdout.write(await policyText('syscalls', { lists, kprobes }))
    return 0
  },
})

const ftraceList = defineCommand({
  name: 'ftrace-list',
  parent,
  summary: "A policy with one hook for a list of this kernel's functions",
  options: {
    regex: text({ short: 'r', value: 'REGEX', help: 'Only functions that match, in RE2 syntax' }),
    ...matchBinary,
  },
  examples: [
    [`tetra tp generate ftrace-list -r '^tcp_(connect|close)$'`, 'A hook on two functions'],
  ],
  run: async ({ values, streams }) => {
    const pattern = compilePattern(values.regex)
    const { names, path, areTraceable } = await readKernelFunctions()
    const chosen = [...new Set(names)].filter((name) => pattern.test(name)).sort()
    if (chosen.length === 0) {
      throw new Error(`none of the ${names.length} functions in ${path} matches "${values.regex}"`)
    }
    const lists = [{ name: 'ftrace', values: chosen }]
    const selectors = selectorsFor(values['match-binary'])
    const kprobes = [{ call: 'list:ftrace', syscall: false, ...selectors }]
    const head = areTraceable ? '' : `From ${path}: the kernel does not list the traceable ones.`
    streams.stdout.write(await policyText('ftrace', { lists, kprobes }, { head }))
    return 0
  },
})

function compilePattern(source: string): Pattern {
  try {
    return compileRegExp(source)
  } catch (error) {
    throw new UsageError(`parse --regex: ${(error as Error).message}`)
  }
}

function openElf(path: string): ElfFile {
  if (path === '') throw new UsageError('--binary is missing')
  try {
    return ElfFile.open(path)
  } catch (error) {
    throw new Error(`read binary ${path}: ${(error as Error).message}`, { cause: error })
  }
}

const uprobes = defineCommand({
  name: 'uprobes',
  parent,
  summary: 'A policy with a hook for all functions of a program',
  description:
    'Functions whose names are only in the debug file of the program (/usr/lib/debug/.build-id) are\n' +
    'selected by offset; comments show their names.',
  options: { ...binaryOption, ...matchBinary },
  examples: [['tetra tp generate uprobes -b /usr/bin/bash > policy.yaml', 'All functions of bash']],
  run: async ({ values, streams }) => {
    const path = values.binary
    using file = openElf(path)
    const { hooks, names, problems } = uprobeHooks(path, file, debugFilesIn('/'))
    if (hooks.length === 0) {
      const [reason = 'it is stripped, and has no debug file'] = problems.map(
        (each) => each.message,
      )
      throw new Error(`${path} has no function symbols: ${reason}`)
    }
    const selectors = selectorsFor(values['match-binary'])
    const uprobes = hooks.map((hook) => ({ ...hook, ...selectors }))
    const comments = { ofNumbers: names }
    streams.stdout.write(await policyText(nameOf('uprobes', path), { uprobes }, comments))
    return 0
  },
})

const usdts = defineCommand({
  name: 'usdts',
  parent,
  summary: 'A policy with a hook for each static probe of a program, with its arguments',
  options: { ...binaryOption, ...matchBinary },
  examples: [['tetra tp generate usdts -b /usr/lib/libc.so.6', 'Probes of the C library']],
  run: async ({ values, streams }) => {
    const path = values.binary
    using file = openElf(path)
    const probes = file.usdtProbes()
    if (probes.length === 0) throw new Error(`${path} has no static probes (.note.stapsdt)`)
    const selectors = selectorsFor(values['match-binary'])
    // Imported on demand: the package is slow to load.
    const { usdtArgumentsMax } = await import('@tetragon-ts/policy')
    const { hooks, omitted } = usdtHooks(path, probes, usdtArgumentsMax)
    const usdts = hooks.map((hook) => ({ ...hook, ...selectors }))
    const lines = omitted.map((line) => escapeUnprintable(line))
    const head =
      lines.length > 0
        ? ['Omitted arguments, which a policy cannot read:', ...lines].join('\n')
        : ''
    streams.stdout.write(await policyText(nameOf('usdts', path), { usdts }, { head }))
    return 0
  },
})

/** `tetra tracingpolicy generate` */
export const generate: Command = defineGroup({
  name: 'generate',
  parent: 'tracingpolicy',
  summary: 'Print a policy to start from; needs no agent',
  commands: [empty, allSyscalls, allSyscallsList, ftraceList, uprobes, usdts],
  examples: [
    ['tetra tracingpolicy generate all-syscalls -m /usr/bin/curl', 'All system calls of curl'],
    [
      'tetra tp generate uprobes -b /usr/bin/bash | tetra tp add -',
      'Every call of a function in bash',
    ],
  ],
})
