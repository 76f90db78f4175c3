import { readdirSync, readFileSync } from 'node:fs'

export interface ThreadTime {
  readonly tid: number
  /** CPU time so far in nanoseconds. */
  readonly ns: number
}

/** CPU time of the threads of a process, from /proc/PID/task/TID/schedstat. */
export function threadTimes(pid: number | 'self'): ThreadTime[] {
  const folder = `/proc/${pid}/task`
  return readdirSync(folder).flatMap((tid) => {
    try {
      const text = readFileSync(`${folder}/${tid}/schedstat`, 'latin1')
      return [{ tid: Number(tid), ns: Number(text.split(' ')[0]) }]
    } catch (error) {
      // It has ended.
      if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return []
      throw error
    }
  })
}

/** CPU nanoseconds of the busiest thread between two readings. */
export function busiestThread(before: readonly ThreadTime[], after: readonly ThreadTime[]): number {
  const start = new Map(before.map(({ tid, ns }) => [tid, ns]))
  return Math.max(...after.map(({ tid, ns }) => ns - (start.get(tid) ?? 0)))
}

/** CPU nanoseconds of all threads between two readings. */
export function allThreads(before: readonly ThreadTime[], after: readonly ThreadTime[]): number {
  const sum = (times: readonly ThreadTime[]): number => times.reduce((total, t) => total + t.ns, 0)
  return sum(after) - sum(before)
}
