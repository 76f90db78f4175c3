import { File } from '@tetragon-ts/sensors/kernel/types'
import { fileOfDescriptor } from '../../arguments/file.ts'
import type { Equivalent } from './equivalent.ts'
import { exitIfFailed, ofAllPrograms, systemCalls } from './system-calls.ts'

/** include/uapi/asm-generic/fcntl.h: such an open does not call security modules. */
const O_PATH = 0o10000000

const calls = ['open', 'openat', 'openat2', 'creat', 'open_by_handle_at']

/** security_file_open(file): the end of the system calls that open files. */
export const securityFileOpen: Equivalent = {
  functions: ['security_file_open'],
  prototype: 'security_file_open(struct file *file)',
  location: 'the end of open, openat, openat2, creat and open_by_handle_at',
  difference:
    'seen when the file is open, so refused and failed opens are not seen; files that the kernel ' +
    'opens itself (executed programs, io_uring) are not seen',
  plan: () => ({
    enter: [
      systemCalls('sys_exit', ofAllPrograms(calls), (call) => {
        exitIfFailed(call)
        const { k, task, result } = call
        const file = fileOfDescriptor({ k, task }, result)
        k.when(file.eq(0), k.exit)
        k.when(k.cast(File, file).f_flags.has(O_PATH), k.exit)
        return (index) => (index === 0 ? file : undefined)
      }),
    ],
    parameters: [0],
  }),
}
