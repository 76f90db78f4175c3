/** An entry of a cpio archive in the "newc" format. */
export interface CpioEntry {
  /** Path without a leading slash. */
  readonly path: string
  /** File type and permission bits, as in st_mode. */
  readonly mode: number
  readonly content?: Uint8Array
  /** Device number of a character or block device: major and minor. */
  readonly device?: readonly [major: number, minor: number]
}

const trailer: CpioEntry = { path: 'TRAILER!!!', mode: 0 }

export function cpioDirectory(path: string): CpioEntry {
  return { path, mode: 0o040755 }
}

export function cpioFile(path: string, content: Uint8Array, permissions = 0o644): CpioEntry {
  return { path, mode: 0o100000 | permissions, content }
}

export function cpioCharacterDevice(path: string, major: number, minor: number): CpioEntry {
  return { path, mode: 0o020600, device: [major, minor] }
}

/**
 * Writes a cpio archive that the kernel unpacks as its initramfs: format newc, owner root, times
 * zero (init/initramfs.c; Documentation/driver-api/early-userspace/buffer-format.rst). A folder
 * must precede its content.
 */
export function writeCpio(entries: readonly CpioEntry[]): Buffer {
  const parts: Buffer[] = []
  for (const [index, entry] of [...entries, trailer].entries()) {
    const name = Buffer.from(`${entry.path}\0`)
    const content = entry.content ?? new Uint8Array(0)
    const header = Buffer.from(newcHeader(index + 1, entry, name.length, content.length), 'latin1')
    parts.push(header, name, padding(header.length + name.length))
    parts.push(Buffer.from(content), padding(content.length))
  }
  return Buffer.concat(parts)
}

/** The header's thirteen numbers, eight hexadecimal digits each, in the order of the format. */
function newcHeader(inode: number, entry: CpioEntry, nameSize: number, size: number): string {
  const [major, minor] = entry.device ?? [0, 0]
  const links = 1
  const fields = [
    ...[inode, entry.mode, 0, 0, links, 0, size, 0, 0],
    ...[major, minor, nameSize, 0],
  ]
  return `070701${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}`
}

/** Zero bytes up to the next multiple of four. */
function padding(length: number): Buffer {
  return Buffer.alloc((4 - (length % 4)) % 4)
}
