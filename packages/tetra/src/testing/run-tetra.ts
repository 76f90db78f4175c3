import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { runCommandLine } from '../run-command-line.ts'

/** Output and exit code of a command line. */
export interface Outcome {
  readonly out: string
  readonly err: string
  readonly code: number
}

/** Runs a command line in this process, with `input` on standard input. */
export async function runTetra(
  argv: readonly string[],
  input: string | Buffer = '',
): Promise<Outcome> {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()]
  stdin.end(input)
  const texts = Promise.all([text(stdout), text(stderr)])
  const code = await runCommandLine(argv, { stdin, stdout, stderr })
  stdout.end()
  stderr.end()
  const [out, err] = await texts
  return { out, err, code }
}
