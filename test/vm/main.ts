import { ArgumentError, parseArguments, usage } from './arguments.ts'
import { closingLine } from './case-results.ts'
import { measureSpeed } from './machine-speed.ts'
import { partsOf, runMatrix } from './matrix.ts'
import { reportParts } from './parts.ts'

/** The program of `npm run test:vm`: see `usage`. Exit code 1 if a case failed. */
async function main(args: readonly string[]): Promise<number> {
  const options = parseArguments(args)
  if (options === undefined) {
    console.log(usage)
    return 0
  }
  const print = (line: string) => console.log(line)
  const speed = measureSpeed()
  const result = await runMatrix(options, print)
  reportParts(partsOf(result), print, speed)
  for (const { target, missing } of result.targets) {
    if (missing !== undefined) console.log(`\nNOT TESTED: kernel ${target}: ${missing}`)
  }
  console.log(`\n${closingLine(result)}`)
  return result.failed > 0 || result.passed === 0 || result.tooUnsteady ? 1 : 0
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  if (error instanceof ArgumentError) console.error(`${error.message}\n\n${usage}`)
  else console.error(error instanceof Error ? error.message : error)
  process.exitCode = 2
}
