import { spawnSync } from 'node:child_process'

/** Milliseconds that `node -e 0` takes on the machine that budgets are meant for. */
const usualMs = 67

/** How fast this machine is now, with what else runs on it. */
export interface MachineSpeed {
  /** Milliseconds that `node -e 0` takes here: the median of five runs. */
  readonly nodeMs: number
  /** Factor for budgets: at least 1. */
  readonly factor: number
}

/** Measures the speed of this machine, which takes half a second. */
export function measureSpeed(): MachineSpeed {
  const times = Array.from({ length: 5 }, () => {
    const started = performance.now()
    spawnSync(process.execPath, ['-e', '0'])
    return performance.now() - started
  })
  return speedOf(times.sort((a, b) => a - b)[2]!)
}

/** @param nodeMs milliseconds that `node -e 0` takes */
export function speedOf(nodeMs: number): MachineSpeed {
  return { nodeMs: Math.round(nodeMs), factor: Math.max(1, nodeMs / usualMs) }
}
