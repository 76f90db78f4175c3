import { hostname } from 'node:os'
import { pageSize } from '@tetragon-ts/ebpf/sys'
import type { AgentOptions } from '../agent.ts'
import type { LogLevelName } from '../log.ts'
import type { ServerOptions } from '../server/grpc-server.ts'
import { readCommandLine } from './command-line.ts'
import type { Settings } from './families/index.ts'
import { ringSizeOf } from './ring-size.ts'
import { serverOptions } from './server-options.ts'
import { readSettings, settingTexts } from './settings.ts'

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
      /** All options as text, by name. */
      readonly settings: Readonly<Record<string, string | boolean>>
    }

/** Reads the command line. @throws AgentError AGENT_OPTION */
export function parseOptions(argv: readonly string[], env: NodeJS.ProcessEnv): Request {
  const given = readCommandLine(argv)
  const settings = readSettings(given)
  if (settings.help) return { kind: 'help' }
  if (settings.version) return { kind: 'version' }
  return {
    kind: 'run',
    options: agentOptions(settings, env),
    server: serverOptions(settings),
    logLevel: settings.debug ? 'debug' : settings['log-level'],
    settings: settingTexts(given),
  }
}

/** What the agent itself is to do. */
function agentOptions(settings: Settings, env: NodeJS.ProcessEnv): AgentOptions {
  const path = settings['export-filename']
  const mode = settings['export-file-perm']
  const policyFolder = settings['tracing-policy-dir']
  return {
    sink: path === '' ? { kind: 'stdout' } : { kind: 'file', path, mode },
    nodeName: env.HUBBLE_NODE_NAME || env.NODE_NAME || hostname(),
    procfs: settings.procfs.replace(/\/+$/, '') || '/',
    btf: settings.btf,
    ringSize: ringSizeOf(settings['rb-size-total'], pageSize),
    environment: settings['enable-process-environment-variables'],
    pidFile: settings['pid-file'],
    policies: [...settings['tracing-policy'], ...(policyFolder === '' ? [] : [policyFolder])],
  }
}
