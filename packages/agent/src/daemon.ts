import { readFileSync } from 'node:fs'
import { EbpfError, endProcess, limitTime } from '@tetragon-ts/ebpf/sys'
import { helpText } from './config/help.ts'
import { type Request, readRequest } from './config/options.ts'
import { Agent, type AgentListener } from './daemon/agent.ts'
import { DaemonPolicies } from './daemon/daemon-policies.ts'
import { LossReport } from './daemon/loss-report.ts'
import { AgentSignals } from './daemon/signals.ts'
import type { RunningServer } from './daemon/start-server.ts'
import { startupReport } from './daemon/startup-report.ts'
import { hasTerminal } from './daemon/terminal.ts'
import { describeError, type VerifierLog } from './describe-error.ts'
import type { AgentProfiles } from './endpoints/pprof/agent-profiles.ts'
import { AgentError } from './error.ts'
import { Log } from './log/log.ts'
import { LogFile } from './log/log-file.ts'
import type { ReaderWorker } from './reader/reader-worker.ts'

const lossInterval = 5000
const log = new Log()
let verifierLog: VerifierLog = 'end'
let runningAgent: Agent | undefined

/**
 * Time limits of the shutdown, in seconds: for writing profiles, then for everything else. After
 * that the kernel ends the process with SIGALRM.
 */
const endLimits = { profiles: 60, others: 25 }

/** The command `tetragon`. Events go to standard output or a file, everything else to stderr. */
export async function main(argv: readonly string[], thread?: ReaderWorker): Promise<void> {
  try {
    if (argv[0] === 'compile') {
      const { compileCommand } = await import('./daemon/compile-command.ts')
      process.stdout.write(compileCommand(argv.slice(1)))
      return
    }
    const locations = { root: '/', workingFolder: process.cwd() }
    const request = await readRequest(argv, process.env, locations)
    if (request.kind === 'help') process.stdout.write(helpText())
    else if (request.kind === 'version') process.stdout.write(`tetragon ${version()}\n`)
    else if (request.kind === 'docs') {
      const { optionDocs } = await import('./config/option-docs.ts')
      process.stdout.write(optionDocs())
    } else await runAgent(request, thread)
  } catch (error) {
    if (!isExpected(error)) throw error
    log.error(`${describeError(error, verifierLog)} [${error.code}]`)
    process.exitCode = error.code === 'AGENT_OPTION' ? 2 : 1
    limitTime(endLimits.others)
  } finally {
    await log.finish()
  }
  if (runningAgent?.isStuck || log.isStuck) endProcess(Number(process.exitCode ?? 0))
}

/** Errors that the operator can act on; any other error is a bug and is shown with its stack. */
function isExpected(error: unknown): error is Error & { readonly code: string } {
  if (error instanceof AgentError || error instanceof EbpfError) return true
  return error instanceof Error && 'syscall' in error && 'code' in error
}

type RunRequest = Extract<Request, { kind: 'run' }>

/** Runs an agent and its server until a signal arrives. */
async function runAgent(request: RunRequest, thread?: ReaderWorker): Promise<void> {
  const signals = new AgentSignals()
  verifierLog = request.verifierLog
  log.level = request.log.level
  log.format = request.log.format
  if (request.log.file !== '') log.file = new LogFile(request.log.file)
  for (const warning of request.warnings) log.warning(warning)
  for (const notice of request.notices) log.info(notice)
  const listener: AgentListener = {
    warn: (message) => log.warning(message),
    refused: (error) => {
      const message = describeError(error, verifierLog)
      if (verifierLog === 'all') log.info(message)
      else log.debug(message)
    },
  }
  const places = { paths: request.options.policies, grpcFolder: request.server?.policyFolder }
  const policies = new DaemonPolicies(places, log)
  await policies.read()
  const agent = await Agent.start(request.options, listener, thread)
  runningAgent = agent
  await policies.start(agent).catch(async (error: Error) => {
    // The error of the policy takes precedence over errors of the shutdown.
    await agent.stop().catch(() => {})
    throw error
  })
  let server: RunningServer | undefined
  let profiles: AgentProfiles | undefined
  const begin = async (): Promise<void> => {
    profiles = await profile(agent, request)
    server = await serve(agent, request, policies)
  }
  try {
    await run(agent, policies, signals, begin, async () => profiles?.end())
  } finally {
    await server?.close()
  }
}

/** The profiler is loaded only if profiles are enabled. */
async function profile(agent: Agent, { profiles }: RunRequest): Promise<AgentProfiles | undefined> {
  if (profiles === undefined) return undefined
  const { AgentProfiles } = await import('./endpoints/pprof/agent-profiles.ts')
  return AgentProfiles.start(agent.reader, profiles, log)
}

/** The server is loaded after the agent watches processes. */
async function serve(
  agent: Agent,
  request: RunRequest,
  policies: DaemonPolicies,
): Promise<RunningServer | undefined> {
  const { server, metrics, options, settings } = request
  if (server === undefined && metrics === undefined) return undefined
  const { startServer } = await import('./daemon/start-server.ts')
  const { nodeName, pidFile, btf, sink } = options
  const info = { export_fname: sink.kind === 'file' ? sink.path : undefined, btf_fname: btf }
  const facts = {
    ...{ version: version(), nodeName, settings, pidFile, info },
    policies: (await policies.open(agent)).sources.grpc,
  }
  return startServer(agent, { server, metrics }, facts, log)
}

/** @param begin is called when the agent watches, @param end before it stops */
async function run(
  agent: Agent,
  policies: DaemonPolicies,
  signals: AgentSignals,
  begin: () => Promise<void>,
  end: () => Promise<void>,
): Promise<void> {
  const beganInTerminal = hasTerminal()
  const stopSignal = new Promise<'signal'>((resolve) => {
    const end = (): void => resolve('signal')
    signals.listen(end, () => {
      // The terminal was closed; any other SIGHUP means that files have changed.
      if (beganInTerminal && !hasTerminal()) return end()
      if (log.file !== undefined) reopenLog(log.file)
      void policies.reload(agent)
    })
  })
  log.info(`watching processes\n${startupReport(agent, performance.now())}`.trimEnd())
  const reported = new LossReport(agent, log)
  const timer = setInterval(() => reported.check(), lossInterval)
  try {
    await begin()
    await Promise.race([stopSignal, agent.ended])
  } finally {
    clearInterval(timer)
    limitTime(endLimits.profiles)
    await end().catch((error: Error) => log.error(`write profile: ${error.message}`))
    limitTime(endLimits.others)
    await agent.stop().finally(() => reported.check())
  }
  const { events, sinkLost } = agent.counters.all()
  log.info(
    `stopped after ${events} events${sinkLost > 0 ? `, ${sinkLost} could not be written` : ''}`,
  )
}

/** After the log file was moved, for example by logrotate. */
function reopenLog(file: LogFile): void {
  try {
    file.reopen()
  } catch (error) {
    log.error((error as Error).message)
  }
}

function version(): string {
  const file = new URL('../package.json', import.meta.url)
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version
}
