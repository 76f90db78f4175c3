// The main script of the single executable (scripts/executable.mjs).

import { getAsset } from 'node:sea'
import { stopCoverage } from 'node:v8'
import { AgentError } from '../error.ts'
import type * as agent from '../start.ts'
import { chooseProgram } from './choose-program.ts'
import { agentEnvironment, needsNewProcess } from './environment.ts'
import { packedFiles } from './load-packed.ts'
import { nativeLibrary } from './native-library.ts'

/** The packed module commands/main of tetra, whose package may not be imported here. */
interface TetraMain {
  main(argv: readonly string[]): Promise<void>
}
/** Node.js 23.11 or later, as in the executable; the types are those of Node.js 20. */
interface WithExecve {
  execve(file: string, argv: readonly string[], env: Readonly<Record<string, string>>): never
}

async function runAgent(argv: readonly string[]): Promise<void> {
  const { isDaemon, start } = packedFiles('agent/bundle')('start') as typeof agent
  const environment = agentEnvironment(process.env)
  if (isDaemon(argv)) {
    if (needsNewProcess(process.env)) {
      // NODE_V8_COVERAGE: it would write a file now.
      stopCoverage()
      const { execve } = process as typeof process & WithExecve
      execve(process.execPath, [process.argv0, ...process.argv.slice(2)], environment)
    }
    // Before its threads, which load it again.
    nativeLibrary()
  }
  for (const name of Object.keys(process.env)) {
    if (environment[name] === undefined) delete process.env[name]
  }
  await start(argv)
}

async function runTetra(argv: readonly string[]): Promise<void> {
  // A child process for other processors gets the same first word.
  process.argv[1] = 'tetra'
  const { main } = packedFiles('tetra/bundle/commands')('main') as TetraMain
  await main(argv)
}

async function printLicences(): Promise<void> {
  const texts = ['copyright', 'NOTICES', 'nodejs'].map((name) => {
    return getAsset(`licences/${name}`, 'utf8')
  })
  process.stdout.write(texts.join(`\n${'='.repeat(80)}\n\n`))
}

const programs = { tetragon: runAgent, tetra: runTetra, licences: printLicences }
const { program, argv } = chooseProgram(process.argv0, process.argv.slice(2))
programs[program](argv).catch((error: unknown) => {
  if (!(error instanceof AgentError)) throw error
  process.stderr.write(`tetragon: ${error.message} [${error.code}]\n`)
  process.exitCode = 1
})
