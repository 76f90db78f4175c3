const rounds = 3

/**
 * CPU time that work takes, as a multiple of what a fixed piece of work takes right before it:
 * neither the speed of the machine nor what else it runs changes that much. Tests that guard
 * against growth beyond all bounds compare it with a limit far above the usual cost.
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
