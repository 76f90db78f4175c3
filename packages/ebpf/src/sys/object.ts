import { bpf } from './bpf.ts'
import { bpfCommand } from './bpf-command.ts'
import { SystemCallError } from './error.ts'
import { Fd } from './fd.ts'
import { Memory } from './memory.ts'

export type ObjectKind = 'program' | 'map' | 'link'

/** What is wanted of an object; gets the action for errors, such as `ask for map 3`. */
export type Describe<T> = (fd: Fd, action: string) => T

const commands = {
  program: { next: bpfCommand.progGetNextId, open: bpfCommand.progGetFdById },
  map: { next: bpfCommand.mapGetNextId, open: bpfCommand.mapGetFdById },
  link: { next: bpfCommand.linkGetNextId, open: bpfCommand.linkGetFdById },
} as const

/** Ids of all objects of a kind in the system. Needs CAP_SYS_ADMIN. @throws SystemCallError */
export function* objectIds(kind: ObjectKind): Generator<number, void, undefined> {
  for (let id = 0; ; ) {
    try {
      id = bpf(
        commands[kind].next,
        (attr) => attr.u32(0, id),
        `list ${kind}s`,
        (_, { memory }) => memory.view.getUint32(4, true),
      )
    } catch (error) {
      if (error instanceof SystemCallError && error.errno === 'ENOENT') return
      throw error
    }
    yield id
  }
}

/** A descriptor of an object, undefined when there is none of that id. @throws SystemCallError */
export function objectById(kind: ObjectKind, id: number): Fd | undefined {
  try {
    const fd = bpf(commands[kind].open, (attr) => attr.u32(0, id), `open ${kind} ${id}`)
    return new Fd(fd)
  } catch (error) {
    if (error instanceof SystemCallError && error.errno === 'ENOENT') return undefined
    throw error
  }
}

/** An object of this id described, undefined when there is none. @throws SystemCallError */
export function describeById<T>(
  kind: ObjectKind,
  id: number,
  describe: Describe<T>,
): T | undefined {
  using fd = objectById(kind, id)
  return fd && describe(fd, `ask for ${kind} ${id}`)
}

/**
 * All objects of a kind in the system, regardless of their creator. Needs CAP_SYS_ADMIN.
 * @throws SystemCallError
 */
export function describeAll<T>(kind: ObjectKind, describe: Describe<T>): T[] {
  const all: T[] = []
  for (const id of objectIds(kind)) {
    const object = describeById(kind, id, describe)
    // Since it was listed it may have gone.
    if (object !== undefined) all.push(object)
  }
  return all
}

/**
 * Asks for what the kernel knows of an object (BPF_OBJ_GET_INFO_BY_FD).
 * @param size of the info structure; what an older kernel does not know stays zero
 * @param read reads the structure; its memory is gone afterwards
 */
export function objectInfo<T>(
  fd: number,
  size: number,
  action: string,
  read: (info: Memory) => T,
): T {
  using info = Memory.allocate(size)
  bpf(
    bpfCommand.objGetInfoByFd,
    (attr) => void attr.u32(0, fd).u32(4, size).pointer(8, info),
    action,
  )
  return read(info)
}

/** A name of at most 16 bytes in an info structure. */
export function objectName(bytes: Uint8Array, offset: number): string {
  const name = bytes.subarray(offset, offset + 16)
  const end = name.indexOf(0)
  return Buffer.from(end < 0 ? name : name.subarray(0, end)).toString('latin1')
}
