import { fileOfDescriptor } from '../../arguments/file.ts'
import type { Equivalent } from './equivalent.ts'
import { exitIfFailed, ofAllPrograms, systemCalls } from './system-calls.ts'

// include/linux/fs.h
const MAY_WRITE = 2
const MAY_READ = 4

const reading = [
  ...['read', 'pread64', 'readv', 'preadv', 'preadv2'],
  ...['getdents', 'getdents64', 'readdir'],
]
const writing = ['write', 'pwrite64', 'writev', 'pwritev', 'pwritev2', 'fallocate']

/** security_file_permission(file, mask): the end of the system calls that read and write files. */
export const securityFilePermission: Equivalent = {
  functions: ['security_file_permission'],
  prototype: 'security_file_permission(struct file *file, int mask)',
  location: 'the end of the read, write, getdents and fallocate system calls',
  difference:
    'seen when the call has succeeded, so refused and failed ones are not seen; sendfile, ' +
    'splice, copy_file_range, io_uring and reads by the kernel itself are not seen',
  plan: () => ({
    enter: [
      systemCalls('sys_exit', ofAllPrograms([...reading, ...writing]), (call) => {
        exitIfFailed(call)
        const { k, task } = call
        const file = fileOfDescriptor({ k, task }, call.argument(0))
        k.when(file.eq(0), k.exit)
        const mask = k.select(call.isOneOf(writing), MAY_WRITE, MAY_READ)
        return (index) => [file, mask][index]
      }),
    ],
    parameters: [0, 1],
  }),
}
