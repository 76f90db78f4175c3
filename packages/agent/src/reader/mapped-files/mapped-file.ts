import { type BigIntStats, closeSync, constants, fstatSync, openSync } from 'node:fs'
import { Fd, openInRoot } from '@tetragon-ts/ebpf/sys'
import { readStart } from '../../processes/procfs.ts'
import { deviceName, mayWait, mayWaitAt } from './waiting-mounts.ts'

/** A mapping of a file by a process. */
export interface FileMapping {
  readonly pid: number
  /** Start and end address, as in the names of /proc/PID/map_files. */
  readonly range: string
  /** Major and minor number as in /proc/PID/maps, `fe:01`. */
  readonly device: string
  readonly inode: string
  /** Path as the process or the agent sees it, in latin1 (one character per byte). */
  readonly path: string
}

/** A file that was found for a mapping. */
export interface MappedFile {
  readonly descriptor: number
  readonly stats: BigIntStats
  /**
   * Whether device and inode are those of the mapping. They differ for files in an overlay or in
   * btrfs: then a process that changes its mappings may have provided another file.
   */
  readonly isSame: boolean
}

/** O_PATH: opens no device, and reads nothing. */
const pathOnly = 0o10000000
/** Maximum number of bytes of /proc/PID/maps that are read. */
const mapsMax = 1 << 22

/**
 * Uses the file of a mapping: the one that is really mapped, also if it was deleted or replaced, or
 * the same file at its path if the mapping is gone.
 *
 * Processes control the files at these paths. So devices, pipes and files that are recognized as
 * those of FUSE are not opened, and symbolic links in paths are not followed.
 *
 * @param isUnchanged whether the file at the path is still the one that was mapped
 * @param use receives the file, open for reading; its errors are thrown
 * @returns `other` if it is not a regular file; undefined if it is not found or must not be opened
 */
export function useMappedFile<T>(
  procfs: string,
  mapping: FileMapping,
  isUnchanged: (stats: BigIntStats) => boolean,
  use: (file: MappedFile) => T,
): T | 'other' | undefined {
  const { pid, range, device, path } = mapping
  if (mayWait(procfs, pid, device)) return undefined
  const open = () => new Fd(openSync(`${procfs}/${pid}/map_files/${range}`, pathOnly))
  const mapped = useIf(open, mapping, (isSame) => isSame || isMapped(procfs, mapping), use)
  if (mapped !== undefined || !path.startsWith('/')) return mapped?.result
  // The process may have ended, and process 1 may be protected: try other roots.
  for (const [reader, root] of [
    [pid, `${procfs}/${pid}/root`],
    [1, `${procfs}/1/root`],
    ['self', '/'],
  ] as const) {
    if (mayWaitAt(procfs, reader, path)) continue
    const found = useIf(
      () => openAt(root, path),
      mapping,
      (isSame, stats) => isSame && isUnchanged(stats),
      use,
    )
    if (found !== undefined) return found.result
  }
  return undefined
}

/** Opens a file, and uses it if `isRight`. @param open opens it with O_PATH */
function useIf<T>(
  open: () => Fd,
  mapping: FileMapping,
  isRight: (isSame: boolean, stats: BigIntStats) => boolean,
  use: (file: MappedFile) => T,
): { readonly result: T | 'other' } | undefined {
  let descriptor: number
  let stats: BigIntStats
  let isSame: boolean
  try {
    using found = open()
    stats = fstatSync(found.number, { bigint: true })
    isSame = `${stats.ino}` === mapping.inode && deviceOf(stats) === mapping.device
    if (!isRight(isSame, stats)) return undefined
    if (!stats.isFile()) return { result: 'other' }
    const { O_RDONLY, O_NONBLOCK, O_NOCTTY } = constants
    descriptor = openSync(`/proc/self/fd/${found.number}`, O_RDONLY | O_NONBLOCK | O_NOCTTY)
  } catch {
    // Gone, or not accessible: FUSE may refuse even fstat(2).
    return undefined
  }
  try {
    return { result: use({ descriptor, stats, isSame }) }
  } finally {
    closeSync(descriptor)
  }
}

/** Links are not followed: in the path of a mapping, the kernel has already resolved them. */
function openAt(root: string, path: string): Fd {
  using folder = new Fd(openSync(root, pathOnly | constants.O_DIRECTORY))
  return openInRoot(folder, Buffer.from(path, 'latin1').toString('utf8'))
}

/** The device as in /proc/PID/maps, from the encoding of glibc in struct stat (makedev). */
function deviceOf({ dev }: BigIntStats): string {
  const major = ((dev >> 8n) & 0xfffn) | ((dev >> 32n) & ~0xfffn)
  const minor = (dev & 0xffn) | ((dev >> 12n) & 0xffffff00n)
  return deviceName(Number(major), Number(minor))
}

/** Whether a process still has the mapping. */
function isMapped(procfs: string, { pid, range, device, inode }: FileMapping): boolean {
  const form = new RegExp(`^0*${range.replace('-', '-0*')} \\S+ \\S+ ${device} ${inode} `)
  const text = readStart(`${procfs}/${pid}/maps`, mapsMax).toString('latin1')
  return text.split('\n').some((line) => form.test(line))
}
