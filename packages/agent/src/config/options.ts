import { hostname } from 'node:os'
import { possibleCpus } from '@tetragon-ts/ebpf/maps'
import { pageSize } from '@tetragon-ts/ebpf/sys'
import type { AgentOptions } from '../agent.ts'
import type { VerifierLog } from '../describe-error.ts'
import type { LogFormat, LogLevelName } from '../log.ts'
import type { CountingOptions } from '../pipeline/event-counts.ts'
import type { ExportOptions } from '../pipeline/export/output-options.ts'
import { megabyte } from '../pipeline/export-file.ts'
import type { SinkOptions } from '../pipeline/sinks/open-sink.ts'
import type { ProfileOptions } from '../profile/agent-profiles.ts'
import { defaultProcessTableSize, defaultRingSize } from '../sensors/process/maps.ts'
import { ProcessEntry } from '../sensors/process/records.ts'
import type { ServerOptions } from '../server/grpc-server.ts'
import type { ListenAddress } from '../server/listen/address.ts'
import { checkConflicts } from './conflicts.ts'
import { eventContent } from './event-content.ts'
import type { Settings } from './families/index.ts'
import { ringSizeOf } from './ring-size.ts'
import { serverOptions } from './server-options.ts'
import { notices, readSettings, settingTexts } from './settings.ts'
import { readCommandLine } from './sources/command-line.ts'
import type { FileValues } from './sources/config-files.ts'
import { readEnvironment } from './sources/environment.ts'
import { type ConfigPlaces, readConfigFiles } from './sources/files.ts'

/** How the agent tells the operator what happens. */
export interface LogOptions {
  readonly level: LogLevelName
  readonly format: LogFormat
  /** Empty: standard error alone. */
  readonly file: string
}

/** By the number of --verbose. */
const verifierLogs: readonly VerifierLog[] = ['none', 'end', 'all']

/** What the command line asks for. */
export type Request =
  | { readonly kind: 'help' }
  | { readonly kind: 'version' }
  | { readonly kind: 'docs' }
  | {
      readonly kind: 'run'
      readonly options: AgentOptions
      /** Undefined: no server. */
      readonly server: ServerOptions | undefined
      /** Of the agent itself; undefined: none. */
      readonly profiles: ProfileOptions | undefined
      /** Undefined: no metrics. */
      readonly metrics: ListenAddress | undefined
      readonly log: LogOptions
      /** How much of the verifier's log to show. */
      readonly verifierLog: VerifierLog
      /** All options as text, by name. */
      readonly settings: Readonly<Record<string, string | boolean>>
      /** What is odd about the files with options. */
      readonly warnings: readonly string[]
      /** Options that were given and change nothing. */
      readonly notices: readonly string[]
    }

/** What a maximal size of 0 stands for, as in the original. */
const defaultMaxSizeMb = 100

/**
 * Reads the options from everywhere: the command line counts most, then the environment, then files.
 * @throws AgentError AGENT_OPTION
 */
export async function readRequest(
  argv: readonly string[],
  env: NodeJS.ProcessEnv,
  places: ConfigPlaces,
): Promise<Request> {
  const early = readSettings(readEnvironment(env), readCommandLine(argv))
  const isRun = !early.help && !early.version && !early['generate-docs']
  return requestOf(argv, env, isRun ? await readConfigFiles(places, early['config-dir']) : [])
}

/** What the command line, the environment and files ask for. @throws AgentError AGENT_OPTION */
export function requestOf(
  argv: readonly string[],
  env: NodeJS.ProcessEnv,
  files: readonly FileValues[],
): Request {
  const given = [...files.map((file) => file.given), readEnvironment(env), readCommandLine(argv)]
  const settings = readSettings(...given)
  if (settings.help) return { kind: 'help' }
  if (settings.version) return { kind: 'version' }
  if (settings['generate-docs']) return { kind: 'docs' }
  checkConflicts(settings)
  return {
    kind: 'run',
    options: agentOptions(settings, env),
    server: serverOptions(settings),
    metrics: settings['metrics-server'],
    profiles: profileOptions(settings),
    log: {
      level: settings.debug ? 'debug' : settings['log-level'],
      format: settings['log-format'],
      file: settings['log-file'],
    },
    verifierLog: verifierLogs[settings.verbose],
    settings: settingTexts(...given),
    warnings: files.flatMap(({ warnings }) => warnings),
    notices: notices(...given),
  }
}

/** What a command line alone asks of an agent. @throws AgentError AGENT_OPTION */
export function agentOptionsOf(argv: readonly string[], env: NodeJS.ProcessEnv = {}): AgentOptions {
  return agentOptions(readSettings(readCommandLine(argv)), env)
}

/** What the agent itself is to do. */
function agentOptions(settings: Settings, env: NodeJS.ProcessEnv): AgentOptions {
  return {
    sink: sinkOptions(settings),
    export: exportOptions(settings),
    redaction: given(settings['redaction-filters']),
    variables: given(settings['filter-environment-variables']),
    nodeName: env.HUBBLE_NODE_NAME || env.NODE_NAME || hostname(),
    procfs: settings.procfs.replace(/\/+$/, '') || '/',
    btf: settings.btf || '/sys/kernel/btf/vmlinux',
    ringSize: ringSizeOf(wantedRingSize(settings), pageSize),
    processTableSize: processTableSize(settings),
    kprobeMulti: !settings['disable-kprobe-multi'],
    counting: countingOptions(settings),
    latencies: isMeasured(settings) && settings['enable-msg-handling-latency'],
    environment: settings['enable-process-environment-variables'],
    content: eventContent(settings),
    pidFile: settings['pid-file'],
    policies: [
      ...settings['tracing-policy'],
      ...[settings['tracing-policy-dir']].filter((folder) => folder !== ''),
    ],
  }
}

function profileOptions(settings: Settings): ProfileOptions | undefined {
  const { cpuprofile: cpu, memprofile: heap, 'pprof-address': address } = settings
  if (cpu === '' && heap === '' && address === undefined) return undefined
  return { files: { cpu, heap }, address }
}

function isMeasured(settings: Settings): boolean {
  return settings['metrics-server'] !== undefined
}

/** Without anybody who asks, nothing is counted by event. */
function countingOptions(settings: Settings): CountingOptions | undefined {
  if (!isMeasured(settings) || !settings['enable-event-metrics']) return undefined
  return { binary: settings['metrics-label-filter'].includes('binary') }
}

function wantedRingSize(settings: Settings): number {
  const each = settings['rb-size']
  if (each > 0) return each * possibleCpus()
  return settings['rb-size-total'] || defaultRingSize
}

function processTableSize(settings: Settings): number {
  const bytes = settings['execve-map-size']
  if (bytes > 0) return Math.max(1, Math.floor(bytes / ProcessEntry.size))
  return settings['execve-map-entries'] || defaultProcessTableSize
}

/** Undefined if it would change nothing. */
function exportOptions(settings: Settings): ExportOptions | undefined {
  const allow = settings['export-allowlist']
  const deny = settings['export-denylist']
  const fieldFilters = settings['field-filters']
  const limit = settings['export-rate-limit']
  const rateLimit = limit > 0 ? limit : undefined
  const aggregation = settings['enable-export-aggregation']
    ? {
        windowMs: settings['export-aggregation-window-size'],
        limit: settings['export-aggregation-buffer-size'],
      }
    : undefined
  const filters = allow.length + deny.length + fieldFilters.length
  if (filters === 0 && rateLimit === undefined && aggregation === undefined) return undefined
  return { allow, deny, fieldFilters, rateLimit, aggregation }
}

function given<T>(values: readonly T[]): readonly T[] | undefined {
  return values.length === 0 ? undefined : values
}

function sinkOptions(settings: Settings): SinkOptions {
  if (settings['export-rate-limit'] === 0) return { kind: 'none' }
  const path = settings['export-filename']
  if (path === '') return { kind: 'stdout' }
  const maxSize = (settings['export-file-max-size-mb'] || defaultMaxSizeMb) * megabyte
  return {
    kind: 'file',
    path,
    mode: settings['export-file-perm'],
    rotation: {
      maxSize,
      interval: settings['export-file-rotation-interval'],
      maxBackups: settings['export-file-max-backups'],
      compress: settings['export-file-compress'],
    },
  }
}
