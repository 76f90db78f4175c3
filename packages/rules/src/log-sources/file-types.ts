/** Names of the types of files by their bits in the mode (include/uapi/linux/stat.h). */
export const fileTypes: ReadonlyMap<number, string> = new Map([
  [0o010000, 'pipe'],
  [0o020000, 'character device'],
  [0o040000, 'folder'],
  [0o060000, 'block device'],
  [0o100000, 'file'],
  [0o120000, 'link'],
  [0o140000, 'socket'],
])

const typeBits = 0o170000

/** Name of the type in a mode. */
export function fileType(mode: number | undefined): string | undefined {
  return mode === undefined ? undefined : fileTypes.get(mode & typeBits)
}
