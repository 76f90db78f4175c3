import type { Process } from '../../processes/process.ts'
import type { KeptProcess, ProcessCache } from '../../processes/process-cache.ts'

/** When something happened in a process, in nanoseconds since boot. */
interface Moment {
  readonly pid: number
  readonly time: number
  /** When the process last dropped its image before; undefined: it was not seen. */
  readonly execStart: number | undefined
}

/**
 * The image that a process had at a time: all its records up to then must have been read, and later
 * ones may have been. `later`: the process is in an execve whose record is not there yet. Undefined
 * if the image is not in the cache.
 *
 * An execve drops the old image, maps the new one and then reports it (fs/exec.c, begin_new_exec to
 * exec_binprm). So what is mapped after the start of an execve belongs to the first image since.
 * @param lostAt time of the last loss of such starts: without them only the latest image is certain
 */
export function imageAt(
  cache: ProcessCache,
  moment: Moment,
  lostAt: number,
): KeptProcess | 'later' | undefined {
  const { pid, time, execStart } = moment
  const live = cache.get(pid)
  if (live !== undefined && live.start <= time) {
    if (execStart !== undefined && live.ktime < execStart) return 'later'
    return find(cache.keep(live), moment, lostAt)
  }
  const ended = cache.ended(pid)
  if (ended === undefined || ended.process.start > time) return undefined
  if (execStart !== undefined && ended.process.ktime < execStart) return undefined
  return find(ended, moment, lostAt)
}

/** @param latest the last image of the process */
function find(latest: KeptProcess, moment: Moment, lostAt: number): KeptProcess | undefined {
  const { pid, time, execStart } = moment
  const line = [latest.process, ...(latest.parent ? [latest.parent] : []), ...latest.ancestors]
  const end = line.findIndex((process) => process.pid !== pid)
  const images = end < 0 ? line : line.slice(0, end)
  const index =
    execStart === undefined
      ? images.findIndex(({ ktime }) => ktime <= time)
      : images.findLastIndex(({ ktime }) => ktime >= execStart)
  if (index < 0) return undefined
  const isCertain = index === 0 || images[index].ktime > lostAt
  return isCertain ? keptOf(line, index) : undefined
}

function keptOf(line: readonly Process[], index: number): KeptProcess {
  const [process, parent, ...ancestors] = line.slice(index)
  return { process, parent, ancestors }
}
