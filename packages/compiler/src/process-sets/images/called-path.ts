import type { Bytes, Int, Ptr } from '@tetragon-ts/ebpf/lang'
import { walkPath } from '@tetragon-ts/sensors/kernel/path-walk'
import { FsStruct, type TaskStruct } from '@tetragon-ts/sensors/kernel/types'
import type { CodeContext } from '../../hook/code-context.ts'
import { plainTask } from '../../hook/hit.ts'

/** Maximum length of a path in execve (PATH_MAX), with its zero. */
export const pathMax = 4096
/** Memory for a directory with a name after it, and later for other texts. */
export const bufferSize = 2 * pathMax
/** Bytes of a directory and a relative name; kernels without bpf_loop (before 5.17) verify each. */
const joinedMax = { withLoops: 4096, before: 256 }
/** Parts of a path. */
const partsMax = 2048
/** Size of the start of a part. */
const startSize = 2
const slash = 0x2f
const dot = 0x2e

/** The path by which a program was called, in memory. */
export interface CalledPath {
  readonly bytes: Bytes
  readonly length: Int
  /** 1 if it could not be read, or a relative one is too long. */
  readonly unknown: Int
}

/**
 * Reads the called path of a program. A relative one is joined with the working directory, without
 * `.`, `..` and empty parts, as events show it.
 */
export function readCalledPath(
  context: CodeContext,
  member: Ptr<TaskStruct>,
  filename: Int,
): CalledPath {
  const { k } = context
  const buffer = context.scratch(bufferSize, 'image')
  const bytes = context.scratch(pathMax)
  const words = context.scratch(16)
  const length = words.cell(0, 0)
  const unknown = words.cell(8, 0)
  const copied = k.readKernelString(bytes, pathMax, filename)
  k.when(
    copied.signedLe(1),
    () => unknown.set(1),
    () => {
      length.set(copied.sub(1))
      k.when(bytes.load(1).ne(slash), () => {
        const task = plainTask(k, member)
        const { root, pwd } = k.snapshot(FsStruct, task.fs, ['root', 'pwd'])
        const place = { dentry: k.address(pwd.dentry), mount: k.address(pwd.mnt) }
        const from = { dentry: k.address(root.dentry), mount: k.address(root.mnt) }
        const walked = walkPath(k, place, from, buffer)
        const start = k.variable(walked.start)
        const joined = walked.length.add(length.get()).add(1)
        unknown.set(walked.complete.xor(1))
        // After the walk, which uses this memory.
        k.readKernelString(buffer.at(pathMax + 1), pathMax - 1, filename)
        buffer.store(1, pathMax, slash)
        const max = joinedMax[k.target.bpfLoop ? 'withLoops' : 'before']
        k.when(
          joined.gt(max),
          () => unknown.set(1),
          () => length.set(normalize(context, { buffer, start, joined, max }, bytes)),
        )
      })
    },
  )
  return { bytes, length: length.get(), unknown: unknown.get() }
}

/** Writes the path without `.`, `..` and empty parts. @returns its length */
function normalize(
  context: CodeContext,
  from: { readonly buffer: Bytes; readonly start: Int; readonly joined: Int; readonly max: number },
  to: Bytes,
): Int {
  const { k } = context
  const starts = context.scratch(partsMax * startSize)
  const words = context.scratch(32)
  /** End of what was written. */
  const at = words.cell(0, 0)
  /** Number of parts, with the last one, and where that begins. */
  const depth = words.cell(8, 0)
  const part = words.cell(16, 0)
  /** The bytes of the part, if these are few: to recognise `.` and `..`. */
  const content = words.cell(24, 0)
  const slot = (): Int =>
    depth
      .get()
      .and(partsMax - 1)
      .mul(startSize)
  const end = (): void => {
    const size = at.get().sub(part.get())
    const isDot = content
      .get()
      .eq(dot)
      .and(() => size.eq(2))
    const isUp = content
      .get()
      .eq((dot << 8) | dot)
      .and(() => size.eq(3))
    k.when(
      isUp,
      () => {
        k.when(depth.get().ne(0), () => depth.set(depth.get().sub(1)))
        at.set(starts.at(slot()).load(startSize))
      },
      () =>
        k.when(
          size.le(1).or(() => isDot),
          () => at.set(part.get()),
          () => {
            starts.at(slot()).store(startSize, 0, part.get())
            depth.set(depth.get().add(1))
          },
        ),
    )
    part.set(at.get())
    content.set(0)
  }
  starts.store(startSize, 0, 0)
  k.loop(from.max, (round, leave) => {
    k.when(round.ge(from.joined), leave)
    const byte = from.buffer.at(from.start.add(round).and(2 * pathMax - 1)).load(1)
    k.when(byte.eq(slash), end, () => content.set(content.get().shiftLeft(8).or(byte)))
    to.at(at.get().and(pathMax - 1)).store(1, 0, byte)
    at.set(at.get().add(1))
  })
  end()
  return at.get()
}
