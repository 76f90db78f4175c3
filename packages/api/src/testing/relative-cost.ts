const rounds = 3

/**
 * CPU time of work, relative to a fixed piece of work right before it, so that the result depends
 * little on the machine and its load. Tests against unbounded growth compare it with a limit far
 * above the usual cost.
 */
export async function relativeCost(work: () => unknown): Promise<number> {
  const samples: number[] = []
  for (let round = 0; round < rounds; round++) samples.push(await cpuTime(yardstick))
  return (await cpuTime(work)) / Math.min(...samples)
}

/** Takes some 10 ms on a fast machine. */
function yardstick(): void {
  const values = Array.from({ length: 20_000 }, (_, i) => ({ name: `value ${i}`, i }))
  const copy = JSON.parse(JSON.stringify(values)) as typeof values
  copy.sort((one, other) => (one.name < other.name ? -1 : 1))
}

/** In microseconds, of all threads of this process. */
async function cpuTime(work: () => unknown): Promise<number> {
  const before = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(before)
  return user + system
}
