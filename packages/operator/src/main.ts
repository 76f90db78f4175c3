import { readFileSync } from 'node:fs'
import { ApiClient, clusterAddress, KubernetesError } from '@tetragon-ts/kubernetes'
import { generateCertificates } from './certgen/certgen.ts'
import { type CertgenSettings, readCertgenSettings } from './certgen/certgen-options.ts'
import { OperatorError } from './error.ts'
import { certgenHelp, helpText } from './help.ts'
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
    case 'certgen': {
      const settings = readCertgenSettings(rest)
      if (settings.help) process.stdout.write(certgenHelp())
      else await certgen(settings, log)
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
      throw new OperatorError('OPERATOR_OPTION', `unknown command "${command}"; see --help`)
  }
}

function endOfProcess(): AbortSignal {
  const end = new AbortController()
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => end.abort())
  return end.signal
}

async function certgen(settings: CertgenSettings, log: Log): Promise<void> {
  const address = clusterAddress(settings['kube-config'], process.env)
  const namespace = settings.namespace || address.namespace
  if (namespace === undefined) {
    throw new OperatorError('OPERATOR_OPTION', 'read options: certgen needs --namespace here')
  }
  const client = new ApiClient(address)
  await generateCertificates(client, namespace, settings, log, endOfProcess())
}

async function serveUntilSignal(
  { options, warnings }: Extract<Request, { kind: 'serve' }>,
  log: Log,
): Promise<void> {
  for (const warning of warnings) log.warning(warning)
  log.info(`release ${version()} starts`)
  await serve(options, { log, version: version() }, endOfProcess())
  log.info('stopped')
}

/** The version of the operator, from its package. */
function version(): string {
  const file = new URL('../package.json', import.meta.url)
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version
}
