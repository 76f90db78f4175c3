import type { AgentOptions } from './config/agent-options.ts'
import { Agent, type AgentListener } from './daemon/agent.ts'
import { type RunRequest, readRunOptions, runCommand } from './daemon/command.ts'
import { DaemonOutputs } from './daemon/daemon-outputs.ts'
import { DaemonPolicies } from './daemon/daemon-policies.ts'
import { DaemonRules } from './daemon/daemon-rules.ts'
import { IdleMemory } from './daemon/idle-memory.ts'
import { writeInfoFile } from './daemon/info-file.ts'
import type { Ending, Lifetime } from './daemon/lifetime.ts'
import { LossReport } from './daemon/loss-report.ts'
import { openLog, reopenLog } from './daemon/open-log.ts'
import { ServiceManager } from './daemon/service-manager.ts'
import { startupReport } from './daemon/startup-report.ts'
import { describeError } from './describe-error.ts'
import { RunningEndpoints } from './endpoints/running-endpoints.ts'
import type { NodeWatch } from './kubernetes/node-watch.ts'
import type { Log } from './log/log.ts'
import type { ReaderWorker } from './reader/reader-worker.ts'
import { version } from './version.ts'

/** The command `tetragon`. Events go to standard output or a file, everything else to stderr. */
export function main(argv: readonly string[], thread?: ReaderWorker): Promise<void> {
  return runCommand(argv, (request, log, lifetime) => {
    return runDaemon(request, log, lifetime, { thread, readAgain: () => readRunOptions(argv) })
  })
}

/** What the command line brings beside the request. */
interface DaemonParts {
  readonly thread: ReaderWorker | undefined
  /** Reads the options again. */
  readAgain(): Promise<AgentOptions>
}

/**
 * The composition root: creates the parts of the daemon, connects them, and defines the order in
 * which they start and end. Parts load optional code on demand: policies with the first policy,
 * endpoints after the agent watches processes.
 */
async function runDaemon(
  request: RunRequest,
  log: Log,
  lifetime: Lifetime,
  { thread, readAgain }: DaemonParts,
): Promise<void> {
  const { options } = request
  openLog(log, request)

  // An invalid policy file prevents everything else, unless errors are tolerated.
  const node = await watchNode(options, log)
  const rules = new DaemonRules(request.rules, log, request.policies.kubernetes !== undefined)
  const policies = new DaemonPolicies(request.policies, log, node, rules)
  await policies.read()

  const outputs = await DaemonOutputs.start(options, log)

  // The sensors, and the reader that turns their records into events.
  const memory = new IdleMemory(() => agent.freeMemory())
  const listener = { ...policyNotices(request, log), changed: () => memory.later() }
  const expectsRules = rules.checkPaths()
  const ofReader = { expectsRules, outputLink: outputs.link }
  const agent = await Agent.start({ ...options, ...ofReader }, listener, thread, node)
  lifetime.add(agent)
  rules.open(agent.reader)

  const losses = new LossReport(agent, log)
  const endpoints = new RunningEndpoints({
    version: version(),
    nodeName: options.nodeName,
    settings: request.settings,
    log,
    agent,
    policies: async () => (await policies.open(agent)).grpc,
    failedPolicies: () => policies.failed,
    rules,
    outputs: () => outputs.statuses(),
  })
  lifetime.add(endpoints)
  const service = new ServiceManager(process.env.NOTIFY_SOCKET, log)
  let removeInfoFile = (): void => {}

  const start = async (): Promise<void> => {
    await policies.start(agent)
    await rules.openPolicies((each) => policies.useForRules(agent, each))
    const loadRules = () => rules.load().catch((error: Error) => log.error(error.message))
    // What rules of an earlier agent stop is stopped until the rules of this one do.
    const { hasEarlier } = agent
    if (hasEarlier) await loadRules()
    const earlier = agent.replaceEarlier()
    if (earlier) {
      const { pins, unread } = earlier
      const records = `${unread} records were lost or not read`
      log.info(`programs of an earlier agent were detached (${pins} pins); ${records}`)
    }
    lifetime.listen(() => {
      reopenLog(log)
      const reload = async () => {
        await rules.reload()
        await policies.reload(agent)
        await outputs.reload(readAgain)
      }
      void service.during(reload(), () => policies.failed)
    })
    rules.watch()
    log.info(`watching processes\n${startupReport(agent, performance.now())}`.trimEnd())
    losses.start()
    await endpoints.start(request.endpoints)
    removeInfoFile = writeInfoFile(options, endpoints, request.endpoints.grpc?.tls !== undefined)
    for (const notice of endpoints.notices) log.info(notice)
    service.ready(policies.failed)
    if (!hasEarlier) void loadRules()
    agent.freeMemory()
  }

  const stopAgent = async (ending: Ending): Promise<void> => {
    memory.close()
    try {
      await agent.stop(ending)
    } finally {
      losses.stop()
      await outputs.finish()
      removeInfoFile()
      // After the agent: clients get its last events.
      await endpoints.close()
    }
  }

  const end = async (ending: Ending): Promise<void> => {
    service.stopping()
    rules.close()
    try {
      lifetime.limit('profiles')
      await endpoints.closeBeforeAgent()
      lifetime.limit('others')
      await policies.close()
    } finally {
      await stopAgent(ending)
    }
  }

  let ending: Ending = 'stop'
  try {
    await start()
    const outputClosed = agent.ended.then(() => 'stop' as const)
    ending = await Promise.race([lifetime.stopped, outputClosed])
  } catch (error) {
    // This error takes precedence over errors of the shutdown.
    await end('failure').catch(() => {})
    throw error
  }
  await end(ending)
  const { events, sinkLost } = agent.counters.all()
  const unwritten = sinkLost > 0 ? `, ${sinkLost} could not be written` : ''
  log.info(`stopped after ${events} events${unwritten}`)
}

/** The node in the API server; its code is loaded only if it is needed. */
async function watchNode({ kubernetes }: AgentOptions, log: Log): Promise<NodeWatch | undefined> {
  if (kubernetes === undefined) return undefined
  const { NodeWatch } = await import('./kubernetes/node-watch.ts')
  return new NodeWatch(kubernetes, log)
}

/** Logs warnings, and policy programs that the kernel refuses before another back end is used. */
function policyNotices({ verifierLog }: RunRequest, log: Log): AgentListener {
  return {
    warn: (message) => log.warning(message),
    refused: (error) => {
      const message = describeError(error, verifierLog)
      if (verifierLog === 'all') log.info(message)
      else log.debug(message)
    },
  }
}
