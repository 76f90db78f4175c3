import { File } from '@tetragon-ts/sensors/kernel/types'
import { fileOfDescriptor } from '../../arguments/file.ts'
import type { Equivalent } from './equivalent.ts'
import { ofAllPrograms, systemCalls } from './system-calls.ts'

const S_IFMT = 0o170000
const S_IFSOCK = 0o140000
/**
 * More than the size of struct sockaddr_un, the longest relevant address: include/uapi/linux/un.h.
 */
const addressMax = 127

/** security_socket_connect(sock, address, addrlen): the start of connect. */
export const securitySocketConnect: Equivalent = {
  functions: ['security_socket_connect'],
  prototype: 'security_socket_connect(struct socket *sock, struct sockaddr *address, int addrlen)',
  location: 'the start of connect',
  difference:
    'seen at the start of the system call, with the address from the memory of the process: ' +
    'another thread can change it before the kernel reads it; 32-bit socketcall ' +
    'and io_uring are not seen',
  plan: () => ({
    enter: [
      systemCalls('sys_enter', ofAllPrograms(['connect']), ({ k, task, argument }) => {
        const file = fileOfDescriptor({ k, task }, argument(0))
        k.when(file.eq(0), k.exit)
        const { f_inode, private_data: socket } = k.cast(File, file)
        k.when(f_inode.i_mode.and(S_IFMT).ne(S_IFSOCK), k.exit)
        const [from, given] = [argument(1), argument(2).low32()]
        const address = k.stackBytes(addressMax + 1)
        const length = k.variable(addressMax)
        k.when(given.lt(addressMax), () => length.set(given))
        for (let at = 0; at < addressMax; at += 8) address.store(8, at, 0)
        k.readUser(address, length.and(addressMax), from)
        return (index) => [socket, address.address(), given][index]
      }),
    ],
    parameters: [0, 1, 2],
  }),
}
