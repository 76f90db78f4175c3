import { type Int, kernelStruct, type Ptr } from '@tetragon-ts/ebpf/lang'
import { File } from '@tetragon-ts/sensors/kernel/types'
import { asInt, asPointer, type Hit, plainTask } from '../hook/hit.ts'
import type { HookContext } from '../hook/hook-context.ts'
import type { ArgumentType, ArgumentValue } from './argument-type.ts'
import { followedFiles } from './followed-files.ts'
import { type PathShape, pathJson, pathMax, pathShape, pathValue } from './path-value.ts'

/** include/linux/fs.h: a read or write in progress. */
const Kiocb = kernelStruct<{ readonly ki_filp: Ptr<File> }>('kiocb')

/** include/linux/binfmts.h: a program that is being executed. */
export interface LinuxBinprm {
  readonly file: Ptr<File>
}
export const LinuxBinprm = kernelStruct<LinuxBinprm>('linux_binprm')

/** The file of a descriptor of the current process: fs/file.c. Address 0 if there is none. */
export function fileOfDescriptor({ k, task }: Pick<Hit, 'k' | 'task'>, fd: Int): Int {
  const { fdt } = plainTask(k, task).files
  const address = k.variable(0)
  const table = fdt.fd
  k.when(fd.low32().lt(fdt.max_fds), () => {
    address.set(k.loadKernel(8, table.add(fd.low32().shiftLeft(3))))
  })
  return address
}

function fileValue(hit: Hit, file: Ptr<File>, context: HookContext): ArgumentValue {
  return pathValue(hit, file.f_path, () => file.f_inode, context)
}

const filePath = {
  shape: pathShape,
  facets: ['text', 'mode', 'inode'],
  tailMax: pathMax,
  costly: true,
  hasLastName: true,
} as const

const fileType: ArgumentType<PathShape> = {
  ...filePath,
  expects: { kind: 'structure', names: ['file'] },
  read: (hit, raw, _, context) => fileValue(hit, asPointer(hit.k, raw, File), context),
  json: pathJson('file_arg'),
}

/**
 * A descriptor, shown as its file. In a policy that follows descriptors, only followed ones are
 * posted, with the path that they were opened by.
 */
const fdType: ArgumentType<PathShape> = {
  ...filePath,
  expects: { kind: 'number', bits: 32 },
  read(hit, raw, _, context) {
    const fd = asInt(hit.k, raw)
    if (context.followsFiles) {
      return { ...followedFiles.read(hit, fd, context), descriptor: fd }
    }
    const file = fileOfDescriptor(hit, fd)
    return { ...fileValue(hit, hit.k.cast(File, file), context), absent: file.eq(0) }
  },
  json: pathJson('file_arg'),
}

/** The file of a read or write. */
const kiocbType: ArgumentType<PathShape> = {
  ...filePath,
  expects: { kind: 'structure', names: ['kiocb'] },
  read: (hit, raw, _, context) => fileValue(hit, asPointer(hit.k, raw, Kiocb).ki_filp, context),
  json: pathJson('file_arg'),
}

/** The file of a program. */
const linuxBinprmType: ArgumentType<PathShape> = {
  ...filePath,
  expects: { kind: 'structure', names: ['linux_binprm'] },
  read: (hit, raw, _, context) => fileValue(hit, asPointer(hit.k, raw, LinuxBinprm).file, context),
  json: pathJson('linux_binprm_arg'),
}

export const fileTypes = {
  file: fileType,
  fd: fdType,
  kiocb: kiocbType,
  linux_binprm: linuxBinprmType,
}
