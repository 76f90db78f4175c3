import { readdirSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { residentBytes } from '../agent-process.ts'
import { threadTimes } from '../thread-times.ts'

/** State of a process at one time. */
export interface Sample {
  /** Seconds since the first one. */
  readonly at: number
  readonly residentBytes: number
  readonly descriptors: number
  /** CPU time of all its threads so far. */
  readonly cpuNs: number
}

/** Samples a process periodically. */
export async function sample(pid: number, seconds: number, everyMs: number): Promise<Sample[]> {
  const samples: Sample[] = []
  const began = performance.now()
  const passed = (): number => (performance.now() - began) / 1000
  while (passed() < seconds) {
    samples.push({
      at: passed(),
      residentBytes: residentBytes(pid),
      descriptors: readdirSync(`/proc/${pid}/fd`).length,
      cpuNs: threadTimes(pid).reduce((sum, { ns }) => sum + ns, 0),
    })
    await delay(everyMs)
  }
  return samples
}
