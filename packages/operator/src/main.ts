import { readFileSync } from 'node:fs'
import { KubernetesError } from '@tetragon-ts/kubernetes'
import { OperatorError } from './error.ts'
import { helpText } from './help.ts'
import { Log } from './log.ts'
import { type Request, readRequest } from './operator-options.ts'
import { serve } from './serve.ts'

/** The command `tetragon-operator`. Errors that the user can act on become the exit code. */
export async function main(argv: readonly string[]): Promise<void> {
  const log = new Log()
  try {
    await run(argv, log)
  } catch (error) {
    if (!(error instanceof OperatorError || error instanceof KubernetesError)) throw error
    log.error(`${error.message} [${error.code}]`)
    process.exitCode = error.code === 'OPERATOR_OPTION' ? 2 : 1
  }
}

async function run([command, ...rest]: readonly string[], log: Log): Promise<void> {
  switch (command) {
    case 'serve': {
      const request = readRequest(rest, process.env)
      if (request.kind === 'help') process.stdout.write(helpText())
      else await serveUntilSignal(request, log)
      return
    }
    case 'version':
    case '--version':
      process.stdout.write(`tetragon-operator ${version()}\n`)
      return
    case undefined:
    case 'help':
    case '--help':
    case '-h':
      process.stdout.write(helpText())
      return
    default:
      throw new OperatorError(
        'OPERATOR_OPTION',
        `read options: unknown command '${command}'; see --help`,
      )
  }
}

async function serveUntilSignal(
  { options, warnings }: Extract<Request, { kind: 'serve' }>,
  log: Log,
): Promise<void> {
  const end = new AbortController()
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => end.abort())
  for (const warning of warnings) log.warning(warning)
  log.info(`release ${version()} starts`)
  await serve(options, { log, version: version() }, end.signal)
  log.info('stopped')
}

/** The version of the operator, from its package. */
function version(): string {
  const file = new URL('../package.json', import.meta.url)
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version
}
