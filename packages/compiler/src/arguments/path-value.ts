import type { Bytes, Cell, Int, Ptr } from '@tetragon-ts/ebpf/lang'
import { type Fields, type Shape, u32 } from '@tetragon-ts/ebpf/records'
import { type PathLocation, type WalkedPath, walkPath } from '@tetragon-ts/sensors/kernel/path-walk'
import { type Dentry, FsStruct, type Inode, type Path } from '@tetragon-ts/sensors/kernel/types'
import { type Hit, plainTask } from '../hook/hit.ts'
import type { HookContext } from '../hook/hook-context.ts'
import type { ArgumentValue, DecodedArgument } from './argument-type.ts'
import { encoded, textMember } from './json.ts'
import type { JsonWriter } from './json-writer.ts'
import { mayEndLike } from './last-name.ts'
import { permission } from './permission.ts'
import { pseudoName } from './pseudo-name.ts'

export const pathMax = 4096
const walkBuffer = 8192

/** Fixed part of all path types. */
export const pathShape = { mode: u32, incomplete: u32 } as const satisfies Shape
export type PathShape = typeof pathShape

/**
 * The path of a struct path as the current process sees it, walked when the tail is written.
 * @param inode of its file; null for a negative entry
 */
export function pathValue(
  hit: Hit,
  path: Path,
  inode: () => Ptr<Inode>,
  context: HookContext,
): ArgumentValue {
  const { k } = hit
  const place = { dentry: k.number(path.dentry), mount: k.number(path.mnt) }
  const value = walkedValue(hit, place, inode, context, (buffer) => {
    const { root } = k.snapshot(FsStruct, plainTask(k, hit.task).fs, ['root'])
    const from = { dentry: k.address(root.dentry), mount: k.address(root.mnt) }
    return walkPath(k, place, from, buffer, { markDeleted: true })
  })
  return { ...value, mayBe: (texts) => mayEndLike(context, place, texts) }
}

/** The path of a directory entry inside its file system: its mount is unknown. */
export function dentryValue(hit: Hit, dentry: Ptr<Dentry>, context: HookContext): ArgumentValue {
  const { k } = hit
  const place = { dentry: k.number(dentry), mount: k.constant(0) }
  const value = walkedValue(
    hit,
    place,
    () => dentry.d_inode,
    context,
    (buffer) => walkPath(k, place, place, buffer, { markDeleted: true, inFileSystem: true }),
  )
  return { ...value, mayBe: (texts) => mayEndLike(context, { dentry: place.dentry }, texts) }
}

function walkedValue(
  hit: Hit,
  { dentry }: PathLocation,
  inode: () => Ptr<Inode>,
  context: HookContext,
  walk: (buffer: Bytes) => WalkedPath,
): ArgumentValue {
  const { k } = hit
  const mode = (): Int => inode().i_mode
  // In memory, like all results of branches: see ArgumentValue.unreadable.
  let incomplete: Cell | undefined
  const writeTail = (to: Bytes) => {
    const flag = context.scratch(8).cell(0)
    incomplete = flag
    const buffer = context.scratch(walkBuffer, 'path')
    const path = walk(buffer)
    const text = context.scratch(16, 'text')
    const start = text.cell(0, path.start)
    const length = text.cell(8, path.length)
    k.when(path.complete.eq(0), () => {
      flag.set(1)
      // A file without a path: a socket, a pipe.
      k.when(
        length
          .get()
          .eq(0)
          .and(() => dentry.ne(0)),
        () => {
          start.set(pseudoName(k, dentry, buffer, pathMax))
          length.set(k.constant(pathMax).sub(start.get()))
          k.when(length.get().ne(0), () => flag.set(0))
        },
      )
    })
    const bounded = length.get().and(pathMax - 1)
    k.readKernel(to, bounded, buffer.at(start.get().and(pathMax - 1)).address())
    k.when(
      bounded.eq(0).and(() => flag.get().eq(0)),
      () => {
        to.store(1, 0, '/'.charCodeAt(0))
        length.set(1)
      },
    )
    return length.get().and(pathMax - 1)
  }
  return {
    fields: () => ({ mode: mode(), incomplete: incomplete?.get() ?? 0 }),
    incomplete: () => incomplete?.get(),
    from: dentry,
    writeTail,
    mode,
    inode: () => k.address(inode()),
  }
}

const incompleteJson = encoded(',"flags":"unresolvedPathComponents"')
const permissionJson = textMember('permission')

/** The JSON of a path; a path that could not be walked at all is shown as the root. */
export function pathJson(name: 'file_arg' | 'path_arg' | 'linux_binprm_arg') {
  const start = encoded(`"${name}":{"path":"`)
  return (
    out: JsonWriter,
    { fields, bytes, from, to }: DecodedArgument<Fields<PathShape>>,
  ): void => {
    out.append(start)
    if (from === to) out.byte(0x2f)
    else out.jsonText(bytes, from, to)
    out.byte(0x22)
    if (fields.incomplete !== 0) out.append(incompleteJson)
    permissionJson(out, permission(fields.mode))
    out.byte(0x7d)
  }
}
