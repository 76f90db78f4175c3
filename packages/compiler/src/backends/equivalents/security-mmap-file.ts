import { compatAbi, nativeAbi } from '@tetragon-ts/sensors/kernel/system-calls'
import { fileOfDescriptor } from '../../arguments/file.ts'
import type { Equivalent } from './equivalent.ts'
import { type SeenParameters, systemCalls } from './system-calls.ts'

/** include/uapi/asm-generic/mman-common.h */
const MAP_ANONYMOUS = 0x20
/** A larger result is an error: IS_ERR_VALUE in include/linux/err.h. */
const lastAddress = -4095n

/** security_mmap_file(file, prot, flags): the end of mmap. */
export const securityMmapFile: Equivalent = {
  functions: ['security_mmap_file'],
  prototype: 'security_mmap_file(struct file *file, unsigned long prot, unsigned long flags)',
  location: 'the end of mmap and mmap2',
  difference:
    'seen when the memory is mapped, so refused and failed calls are not seen; mappings that the ' +
    'kernel makes to execute a program, shmat, old 32-bit mmap and remap_file_pages are not seen',
  plan: () => ({
    // The call named mmap in the 32-bit table takes its arguments in memory.
    enter: [systemCalls('sys_exit', { [nativeAbi]: ['mmap'], [compatAbi]: ['mmap2'] }, see)],
    parameters: [0, 1, 2],
  }),
}

const see: SeenParameters = ({ k, task, result, argument }) => {
  k.when(result.ge(BigInt.asUintN(64, lastAddress)), k.exit)
  const [prot, flags, fd] = [argument(2), argument(3), argument(4)]
  const file = k.variable(0)
  k.when(flags.and(MAP_ANONYMOUS).eq(0), () => file.set(fileOfDescriptor({ k, task }, fd)))
  return (index) => [file, prot, flags][index]
}
