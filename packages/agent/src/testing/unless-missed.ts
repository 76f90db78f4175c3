const attemptsMax = 10

/**
 * Repeats something that fails while the agent counts what it could not see: Linux 7 skips runs of
 * programs while tasks are preempted in them, and execs of other tests fill the ring.
 * @param missed number of what is missing, so far; hits that the kernel skips are an upper bound
 */
export async function unlessMissed<T>(missed: () => number, act: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    const before = missed()
    try {
      return await act()
    } catch (error) {
      if (missed() === before || attempt === attemptsMax) throw error
    }
  }
}
