import type { Bytes, Code, Int, Ptr } from '@tetragon-ts/ebpf/lang'
import { type PathLocation, walkPath } from '../kernel/path-walk.ts'
import { Dentry, type File } from '../kernel/types.ts'

const pathMax = 4096
const nameMax = 0xff

/** The path of an executed file in the first 4096 bytes of a buffer. */
export interface ExecutablePath {
  readonly start: Int
  readonly length: Int
  /** Not 0 if the file was deleted, or never had a path. */
  readonly deleted: Int
  /** Not 0 if the start of the path is missing: it is too long, or its mount is detached. */
  readonly cut: Int
}

/**
 * Writes the path of an executed file, as the process sees it. Links in the path that the process
 * used are followed here. A file without a folder, as that of memfd_create, has only its name.
 * @param root of the process
 * @param buffer 8192 bytes
 */
export function executablePath(
  k: Code,
  file: Ptr<File>,
  root: PathLocation,
  buffer: Bytes,
): ExecutablePath {
  const { dentry: entry, mnt } = file.f_path
  const dentry = k.number(entry)
  const path = walkPath(k, { dentry, mount: k.number(mnt) }, root, buffer)
  const start = k.variable(path.start)
  const deleted = k.variable(path.deleted)
  const cut = k.variable(path.complete.xor(1))
  k.when(
    path.start.eq(pathMax).and(() => path.complete.eq(0)),
    () => {
      deleted.set(1)
      cut.set(0)
      const { d_name } = k.snapshot(Dentry, dentry, ['d_name'])
      const length = d_name.len.and(nameMax)
      start.set(k.constant(pathMax - 1).sub(length))
      const to = buffer.at(start.and(pathMax - 1))
      to.store(1, 0, '/'.charCodeAt(0))
      k.readKernel(to.at(1), length, d_name.name)
    },
  )
  return { start, length: k.constant(pathMax).sub(start), deleted, cut }
}
