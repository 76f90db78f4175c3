import { runOrThrow } from '@tetragon-ts/test/archives'

/** That of the machine for which time limits of tests were chosen. */
export const fastMs = 55

/** Milliseconds that this processor needs to start Node.js: the median of three starts. */
export async function yardstick(): Promise<number> {
  const times: number[] = []
  for (let i = 0; i < 3; i++) {
    const started = performance.now()
    await runOrThrow(process.execPath, ['-e', '0'])
    times.push(performance.now() - started)
  }
  return Math.round(times.sort((a, b) => a - b)[1]!)
}
