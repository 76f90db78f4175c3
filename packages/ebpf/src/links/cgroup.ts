import { closeSync, constants, openSync } from 'node:fs'
import { bpf, bpfCommand, Fd } from '../sys/index.ts'
import { type Attachable, FdLink, type Link } from './link.ts'

/**
 * Runs a program for the processes of a cgroup (version 2) and of all below it, beside the
 * programs of others. The link ends with its descriptor, unlike BPF_PROG_ATTACH, whose programs
 * stay with the cgroup when their owner is killed. Kernel 5.7.
 * @param path folder of the cgroup
 * @param attachType a number of `attachType`, such as cgroupInet4Connect
 * @throws SystemCallError; Error of Node.js when the folder cannot be opened
 */
export function attachCgroup(program: Attachable, path: string, attachType: number): Link {
  const folder = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY)
  try {
    const fd = bpf(
      bpfCommand.linkCreate,
      (attr) => attr.u32(0, program.fd.number).u32(4, folder).u32(8, attachType),
      `attach cgroup program ${path}`,
    )
    return new FdLink('cgroup', path, new Fd(fd))
  } finally {
    closeSync(folder)
  }
}
