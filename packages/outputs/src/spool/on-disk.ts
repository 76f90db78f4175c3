/**
 * Operations of the disk that run at a time, in all spools, which are on one disk. Each needs one
 * of the four threads of Node.js, which also look up names and read all other files: a disk that
 * does not respond must leave some.
 */
const operationsMax = 2
let running = 0
const waiting: (() => void)[] = []

/** Runs an operation of the disk, once there is a thread for it. @throws its error */
export async function onDisk<T>(operation: () => Promise<T>): Promise<T> {
  if (running < operationsMax) running++
  // The operation that ends passes its thread on.
  else await new Promise<void>((resolve) => waiting.push(resolve))
  try {
    return await operation()
  } finally {
    const next = waiting.shift()
    if (next === undefined) running--
    else next()
  }
}
