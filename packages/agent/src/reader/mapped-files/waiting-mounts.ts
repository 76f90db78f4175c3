import { readStart } from '../../processes/procfs.ts'

// Opening a file of FUSE waits for its server, which any user can run. Such files are not opened.

const textMax = 1 << 20

/** The first anonymous device belongs to the kernel's own tmpfs, as for memfd_create. */
const kernelDevice = '00:01'

/** A pid, or `self` for the agent. */
type Reader = number | 'self'

interface Mount {
  readonly device: string
  /** Path from the root of the process, in latin1 (one character per byte). */
  readonly point: string
  readonly isFuse: boolean
}

/** The mounts that a process can reach from its root; undefined if the list is too long. */
function readMounts(procfs: string, pid: Reader): readonly Mount[] | undefined {
  const text = readStart(`${procfs}/${pid}/mountinfo`, textMax).toString('latin1')
  return text.length < textMax ? parseMounts(text) : undefined
}

/**
 * Lines as in proc(5): id, parent, device, root, mount point, options…, `-`, type. Names of
 * folders may contain all characters but those that the kernel escapes: space, tab, '\n' and '\'.
 */
export function parseMounts(text: string): readonly Mount[] {
  const form = /^\d+ \d+ (\d+):(\d+) [^ ]+ ([^ ]+) .*? - ([^ ]+) /s
  return text.split('\n').flatMap((line) => {
    const fields = form.exec(line)
    if (fields === null) return []
    const [, major, minor, point, type] = fields
    return {
      device: deviceName(Number(major), Number(minor)),
      point: point.replace(/\\(\d{3})/g, (_, code) =>
        String.fromCharCode(Number.parseInt(code, 8)),
      ),
      isFuse: type.startsWith('fuse'),
    }
  })
}

/** The numbers of a device as in /proc/PID/maps, `fe:01`. */
export function deviceName(major: number, minor: number): string {
  return [major, minor].map((number) => number.toString(16).padStart(2, '0')).join(':')
}

/**
 * Whether opening a mapped file may wait for another process. Devices without a number of their own
 * must be those of a mount: FUSE could hide behind one that was detached.
 *
 * @param device as in /proc/PID/maps
 */
export function mayWait(procfs: string, pid: number, device: string): boolean {
  if (!device.startsWith('00:') || device === kernelDevice) return false
  const readers: readonly Reader[] = [pid, 'self', 1]
  for (const reader of readers) {
    const mount = attempt(() => readMounts(procfs, reader))?.find((each) => each.device === device)
    if (mount !== undefined) return mount.isFuse
  }
  return true
}

/**
 * Whether opening a path of a process may wait for another process. It may if there is a FUSE mount
 * on the way to it, or if not all mounts are known.
 * @param path from the root of the process, in latin1, without symbolic links
 */
export function mayWaitAt(procfs: string, pid: Reader, path: string): boolean {
  const mounts = attempt(() => readMounts(procfs, pid)) ?? []
  return hasFuseOn(mounts, path)
}

/** The same for given mounts. Without a mount at `/`, that of the root is not known. */
export function hasFuseOn(mounts: readonly Mount[], path: string): boolean {
  const isOn = ({ point }: Mount): boolean =>
    point === '/' || path === point || path.startsWith(`${point}/`)
  return (
    !mounts.some(({ point }) => point === '/') ||
    mounts.some((mount) => mount.isFuse && isOn(mount))
  )
}

/** Undefined if reading fails, as for a process that has ended. */
function attempt<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}
