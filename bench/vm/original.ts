/** Tetragon 1.5.0 in the same kind of machine (QEMU, Debian 6.12), process events only. */
export const original = {
  wall: {
    exec: { without: 1740, with: 2821 },
    getpid: { without: 0.383, with: 0.385 },
    firstEventMs: 6700,
    mapMiB: 33.2,
    residentMiB: 76,
    programs: { count: 7, instructions: 5142, walked: 34_000 },
  },
  /** One processor, one nanosecond per instruction. */
  instructions: {
    execCpu: { without: 257.6, with: 283.0 },
    execWall: { without: 278.8, with: 473.7 },
    getpid: { without: 0.311, with: 0.311 },
    firstEventMs: 5300,
    /** Added CPU time of an operation, in microseconds: policy b follows files, policy c TCP. */
    hooks: {
      open: 16.8,
      'open in namespace': 32.3,
      'open elsewhere in namespace': 23.0,
      'write of a followed file': 29.7,
      connect: 21.3,
      send: 28.6,
    },
    loadMs: { b: 8700, c: 6000 },
  },
  policyMaps: { b: 137.2e6, c: 3.2e6 },
} as const
