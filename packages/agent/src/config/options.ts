import { hostname } from 'node:os'
import { parseArgs } from 'node:util'
import { pageSize } from '@tetragon-ts/ebpf/sys'
import type { AgentOptions } from '../agent.ts'
import { AgentError } from '../error.ts'
import { type LogLevelName, logLevels } from '../log.ts'
import { defaultRingSize } from '../sensors/process/maps.ts'
import type { ServerOptions } from '../server/grpc-server.ts'
import { serverOptions } from './server-options.ts'
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
  'server-address': {
    type: 'string',
    value: 'ADDRESS',
    text:
      "where clients connect: unix:///PATH, HOST:PORT, or '' for no server " +
      '(a socket beside the pid file)',
  },
  'server-tls-cert-file': { type: 'string', value: 'FILE', text: 'certificate for TCP, PEM' },
  'server-tls-key-file': { type: 'string', value: 'FILE', text: 'its private key, PEM' },
  'server-tls-client-ca-files': {
    type: 'string',
    multiple: true,
    value: 'FILE',
    text: 'who signs the certificates of clients, PEM; several with commas',
  },
  'server-tls-require-client-cert': {
    type: 'boolean',
    text: 'turn clients without certificate away',
  },
  'server-allow-plaintext': {
    type: 'boolean',
    text: 'serve without TLS where others can reach it: anybody there can change policies',
  },
  'health-server-address': {
    type: 'string',
    value: 'ADDRESS',
    default: '',
    text: 'serve health alone at another address, such as :6789',
  },
  'event-queue-size': {
    type: 'string',
    value: 'EVENTS',
    default: '10000',
    text: 'events that wait for a slow client at most',
  },
  'enable-deprecated-tracingpolicy-grpc': {
    type: 'boolean',
    text: 'let clients call EnableTracingPolicy and DisableTracingPolicy',
  },
  'persist-grpc-policies': {
    type: 'boolean',
    text: 'load policies that clients added again when the agent restarts',
  },
  'persist-grpc-policies-dir': {
    type: 'string',
    value: 'DIR',
    text: 'where they are kept (grpc-policies beside the pid file)',
  },
  'log-level': { type: 'string', value: 'LEVEL', default: 'info', text: 'what to tell on stderr' },
  debug: { type: 'boolean', short: 'd', text: 'the same as --log-level=debug' },
  help: { type: 'boolean', short: 'h', text: 'this help' },
  version: { type: 'boolean', text: 'the version' },
} as const satisfies Record<string, Option>

/** What the command line asks for. */
export type Request =
  | { readonly kind: 'help' }
  | { readonly kind: 'version' }
  | {
      readonly kind: 'run'
      readonly options: AgentOptions
      /** Undefined: no server. */
      readonly server: ServerOptions | undefined
      readonly logLevel: LogLevelName
      /** The options as they were given, by name. */
      readonly settings: Readonly<Record<string, string | boolean>>
    }

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
    server: serverOptions(values),
    logLevel: values.debug ? 'debug' : readLevel(values['log-level']),
    settings: settingsOf(values),
  }
}

function settingsOf(values: Readonly<Record<string, unknown>>): Record<string, string | boolean> {
  const entries = Object.entries(values).map(([name, value]) => {
    return [name, typeof value === 'boolean' ? value : String(value)] as const
  })
  return Object.fromEntries(entries)
}

function readLevel(text: string): LogLevelName {
  const level = logLevels.find((each) => each === text || (each === 'warning' && text === 'warn'))
  if (level !== undefined) return level
  throw new AgentError(
    'AGENT_OPTION',
    `read option --log-level: '${text}' is not one of ${logLevels.join(', ')}`,
  )
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
  tetra getevents -o compact                     watch what a running agent sees
`
}
