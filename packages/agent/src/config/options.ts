import { type FileValues, readCommandLine, readEnvironment } from '@tetragon-ts/service/options'
import type { VerifierLog } from '../describe-error.ts'
import type { SettingValue } from '../endpoints/endpoint.ts'
import type { EndpointOptions } from '../endpoints/index.ts'
import type { ProfileOptions } from '../endpoints/pprof/pprof-endpoint.ts'
import type { LogFormat, LogLevelName } from '../log/log.ts'
import type { SourceOptions } from '../policies/sources/index.ts'
import type { RuleSources } from '../rules/rule-texts.ts'
import { type AgentOptions, agentOptions } from './agent-options.ts'
import { agentTable } from './agent-table.ts'
import { checkConflicts } from './conflicts.ts'
import type { Settings } from './families/index.ts'
import { sourceOptions } from './policy-sources.ts'
import { ruleSources } from './rule-sources.ts'
import { healthOptions, serverOptions } from './server-options.ts'
import { notices, readSettings, settingValues } from './settings.ts'
import { type ConfigLocations, readConfigFiles } from './sources/files.ts'

/** Options of the log. */
export interface LogOptions {
  readonly level: LogLevelName
  readonly format: LogFormat
  /** Empty: only standard error. */
  readonly file: string
}

/** By the number of --verbose. */
const verifierLogs: readonly VerifierLog[] = ['none', 'end', 'all']

/** The request of a command line. */
export type Request =
  | { readonly kind: 'help' }
  | { readonly kind: 'version' }
  | { readonly kind: 'docs' }
  | {
      readonly kind: 'run'
      readonly options: AgentOptions
      readonly endpoints: EndpointOptions
      readonly policies: SourceOptions
      readonly rules: RuleSources
      readonly log: LogOptions
      /** How much of the verifier's log to show. */
      readonly verifierLog: VerifierLog
      /** The values of all options as clients get them, by name. */
      readonly settings: Readonly<Record<string, SettingValue>>
      /** Warnings about files with options. */
      readonly warnings: readonly string[]
      /** Options that were set but have no effect. */
      readonly notices: readonly string[]
    }

/**
 * Reads the options from all sources: the command line overrides the environment, which overrides
 * files.
 * @throws AgentError AGENT_OPTION
 */
export async function readRequest(
  argv: readonly string[],
  env: NodeJS.ProcessEnv,
  locations: ConfigLocations,
): Promise<Request> {
  const early = readSettings(readEnvironment(agentTable, env), readCommandLine(agentTable, argv))
  const isRun = !early.help && !early.version && !early['generate-docs']
  return requestOf(argv, env, isRun ? await readConfigFiles(locations, early['config-dir']) : [])
}

/** The request of the command line, the environment and files. @throws AgentError AGENT_OPTION */
export function requestOf(
  argv: readonly string[],
  env: NodeJS.ProcessEnv,
  files: readonly FileValues[],
): Request {
  const given = [
    ...files.map((file) => file.given),
    readEnvironment(agentTable, env),
    readCommandLine(agentTable, argv),
  ]
  const settings = readSettings(...given)
  if (settings.help) return { kind: 'help' }
  if (settings.version) return { kind: 'version' }
  if (settings['generate-docs']) return { kind: 'docs' }
  checkConflicts(settings)
  return {
    kind: 'run',
    options: agentOptions(settings, env),
    endpoints: {
      pprof: profileOptions(settings),
      grpc: serverOptions(settings),
      health: healthOptions(settings),
      metrics: settings['metrics-server'],
      push: settings['metrics-output'].length > 0 ? settings['metrics-output'] : undefined,
    },
    policies: sourceOptions(settings, env),
    rules: ruleSources(settings),
    log: {
      level: settings.debug ? 'debug' : settings['log-level'],
      format: settings['log-format'],
      file: settings['log-file'],
    },
    verifierLog: verifierLogs[settings.verbose],
    settings: settingValues(...given),
    warnings: files.flatMap(({ warnings }) => warnings),
    notices: notices(settings, ...given),
  }
}

function profileOptions(settings: Settings): ProfileOptions | undefined {
  const { cpuprofile: cpu, memprofile: heap, 'pprof-address': address } = settings
  if (cpu === '' && heap === '' && address === undefined) return undefined
  return { files: { cpu, heap }, address }
}
