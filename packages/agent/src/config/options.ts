import { hostname } from 'node:os'
import { parseArgs } from 'node:util'
import { pageSize } from '@tetragon-ts/ebpf/sys'
import type { AgentOptions } from '../agent.ts'
import { AgentError } from '../error.ts'
import { defaultRingSize } from '../sensors/process/maps.ts'
import { parseSize, ringSizeOf } from './size.ts'

interface Option {
  readonly type: 'string' | 'boolean'
  readonly short?: string
  readonly multiple?: boolean
  readonly default?: string
  /** What the help shows for the value. */
  readonly value?: string
  readonly text: string
}

/** Options of the agent, in the order of the help. */
const options = {
  'export-filename': {
    type: 'string',
    value: 'FILE',
    text: 'append events to FILE instead of writing them to standard output',
  },
  'export-file-perm': {
    type: 'string',
    value: 'OCTAL',
    default: '600',
    text: 'permissions of a new export file',
  },
  'rb-size-total': {
    type: 'string',
    value: 'SIZE',
    default: `${defaultRingSize / 2 ** 20}M`,
    text: 'size of the ring buffer; K, M, G; rounded up to a power of two',
  },
  'enable-process-environment-variables': {
    type: 'boolean',
    text: 'put the environment into process_exec events (it may hold secrets)',
  },
  'tracing-policy': {
    type: 'string',
    multiple: true,
    value: 'FILE',
    text: 'load the policies in FILE; may be given several times',
  },
  'tracing-policy-dir': {
    type: 'string',
    value: 'DIR',
    text: 'load the policies in all YAML files of DIR',
  },
  procfs: { type: 'string', value: 'DIR', default: '/proc', text: "the host's proc file system" },
  btf: {
    type: 'string',
    value: 'FILE',
    default: '/sys/kernel/btf/vmlinux',
    text: "the kernel's type information",
  },
  'pid-file': {
    type: 'string',
    value: 'FILE',
    default: '/var/run/tetragon/tetragon.pid',
    text: 'locked while the agent runs',
  },
  help: { type: 'boolean', short: 'h', text: 'this help' },
  version: { type: 'boolean', text: 'the version' },
} as const satisfies Record<string, Option>

/** What the command line asks for. */
export type Request =
  | { readonly kind: 'help' }
  | { readonly kind: 'version' }
  | { readonly kind: 'run'; readonly options: AgentOptions }

/** Reads the command line. @throws AgentError AGENT_OPTION */
export function parseOptions(argv: readonly string[], env: NodeJS.ProcessEnv): Request {
  const values = parse(argv)
  if (values.help) return { kind: 'help' }
  if (values.version) return { kind: 'version' }
  const perm = values['export-file-perm']
  if (!/^[0-7]{3,4}$/.test(perm)) {
    throw new AgentError('AGENT_OPTION', `read option --export-file-perm: '${perm}' is not octal`)
  }
  const path = values['export-filename']
  return {
    kind: 'run',
    options: {
      sink: path ? { kind: 'file', path, mode: Number.parseInt(perm, 8) } : { kind: 'stdout' },
      nodeName: env.HUBBLE_NODE_NAME || env.NODE_NAME || hostname(),
      procfs: values.procfs.replace(/\/+$/, '') || '/',
      btf: values.btf,
      ringSize: ringSizeOf(parseSize('rb-size-total', values['rb-size-total']), pageSize),
      environment: values['enable-process-environment-variables'] ?? false,
      pidFile: values['pid-file'],
      policies: [
        ...(values['tracing-policy'] ?? []),
        ...(values['tracing-policy-dir'] ? [values['tracing-policy-dir']] : []),
      ],
    },
  }
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: false }).values
  } catch (error) {
    const { message } = error as Error
    throw new AgentError('AGENT_OPTION', `read options: ${message.split('. ')[0]}; see --help`)
  }
}

/** The text of --help. */
export function helpText(): string {
  const rows = Object.entries<Option>(options).map(([name, { short, value, text, ...rest }]) => {
    const flag = `${short ? `-${short}, ` : '    '}--${name}${value ? ` ${value}` : ''}`
    return `  ${flag.padEnd(46)}${text}${rest.default ? ` (${rest.default})` : ''}`
  })
  return `tetragon: shows every process that starts and ends, and what policies ask for, as JSON lines

Usage: tetragon [options]
       tetragon compile FILE...    shows what policies become on this kernel

${rows.join('\n')}

Examples:
  tetragon | tetra getevents -o compact          watch live
  tetragon --export-filename /var/log/tetragon.log
`
}
