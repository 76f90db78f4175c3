import { check, clockGettime } from './ffi.ts'
import { Memory } from './memory.ts'

const CLOCK_REALTIME = 0
const CLOCK_BOOTTIME = 7
const time = Memory.allocate(16)

function now(clock: number): bigint {
  check(clockGettime(clock, time.address), 'read clock')
  return time.view.getBigInt64(0, true) * 1_000_000_000n + time.view.getBigInt64(8, true)
}

/** Nanoseconds since boot, sleep included: what bpf_ktime_get_boot_ns gives in the kernel. */
export function bootTimeNs(): bigint {
  return now(CLOCK_BOOTTIME)
}

/**
 * Wall-clock time of the moment of boot in nanoseconds since 1970: add it to a boot time to get a
 * date. It changes when the wall clock is set, so ask again from time to time.
 */
export function bootEpochNs(): bigint {
  // The real time is read between two boot times; the narrowest of a few tries wins, since the
  // thread may lose the processor between the readings.
  let best = 0n
  let narrowest: bigint | undefined
  for (let i = 0; i < 5; i++) {
    const before = now(CLOCK_BOOTTIME)
    const real = now(CLOCK_REALTIME)
    const after = now(CLOCK_BOOTTIME)
    const width = after - before
    if (narrowest === undefined || width < narrowest) {
      narrowest = width
      best = real - (before + after) / 2n
    }
  }
  return best
}
