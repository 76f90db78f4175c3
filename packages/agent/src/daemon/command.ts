import { endProcess } from '@tetragon-ts/ebpf/sys'
import type { AgentOptions } from '../config/agent-options.ts'
import { helpText } from '../config/help.ts'
import { type Request, readRequest } from '../config/options.ts'
import type { ConfigLocations } from '../config/sources/files.ts'
import { describeError, type VerifierLog } from '../describe-error.ts'
import { AgentError } from '../error.ts'
import { Log } from '../log/log.ts'
import { version } from '../version.ts'
import { exitCodeOf, isExpected } from './expected-error.ts'
import { Lifetime } from './lifetime.ts'

/** A request to run the daemon. */
export type RunRequest = Extract<Request, { kind: 'run' }>

/** Runs the daemon until it ends. */
export type RunDaemon = (request: RunRequest, log: Log, lifetime: Lifetime) => Promise<void>

/**
 * Executes the command line: prints a text, or runs the daemon. Errors that the operator can act on
 * are logged and become the exit code; any other is a bug and is shown with its stack.
 */
export async function runCommand(argv: readonly string[], run: RunDaemon): Promise<void> {
  const log = new Log()
  const lifetime = new Lifetime()
  let verifierLog: VerifierLog = 'end'
  try {
    const request = await requestOf(argv)
    if (typeof request === 'string') {
      process.stdout.write(request)
    } else {
      verifierLog = request.verifierLog
      lifetime.begin()
      await run(request, log, lifetime)
    }
  } catch (error) {
    if (!isExpected(error)) throw error
    log.error(`${describeError(error, verifierLog)} [${error.code}]`)
    process.exitCode = exitCodeOf(error)
    lifetime.limit('others')
  } finally {
    await log.finish()
  }
  if (lifetime.isStuck || log.isStuck) endProcess(Number(process.exitCode ?? 0))
}

/** The options of the daemon as their sources have them now. @throws AgentError AGENT_OPTION */
export async function readRunOptions(argv: readonly string[]): Promise<AgentOptions> {
  const request = await readRequest(argv, process.env, locations())
  if (request.kind === 'run') return request.options
  throw new AgentError('AGENT_OPTION', `read options: they ask for ${request.kind}`)
}

function locations(): ConfigLocations {
  return { root: '/', workingFolder: process.cwd() }
}

/**
 * @returns the text to print, or the request to run the daemon
 * @throws AgentError AGENT_OPTION
 */
async function requestOf(argv: readonly string[]): Promise<string | RunRequest> {
  const request = await readRequest(argv, process.env, locations())
  switch (request.kind) {
    case 'help':
      return helpText()
    case 'version':
      return `tetragon ${version()}\n`
    case 'docs': {
      const { optionDocs } = await import('../config/option-docs.ts')
      return optionDocs()
    }
    case 'run':
      return request
    default:
      return request satisfies never
  }
}
