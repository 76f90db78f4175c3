import { fileOfDescriptor } from '../../arguments/file.ts'
import type { Equivalent } from './equivalent.ts'
import { exitIfFailed, ofAllPrograms, systemCalls } from './system-calls.ts'

/** System calls that return a new descriptor. */
const calls = [
  ...['open', 'openat', 'openat2', 'creat', 'open_by_handle_at', 'socket', 'accept', 'accept4'],
  ...[
    'dup',
    'memfd_create',
    'memfd_secret',
    'epoll_create',
    'epoll_create1',
    'eventfd',
    'eventfd2',
  ],
  ...['signalfd', 'signalfd4', 'timerfd_create', 'inotify_init', 'inotify_init1', 'fanotify_init'],
  ...['userfaultfd', 'io_uring_setup', 'pidfd_open', 'pidfd_getfd', 'perf_event_open', 'mq_open'],
  ...['fsopen', 'fspick', 'fsmount', 'open_tree', 'landlock_create_ruleset'],
]

/** fd_install(fd, file): the end of the system calls that return a new descriptor. */
export const fdInstall: Equivalent = {
  functions: ['fd_install'],
  prototype: 'fd_install(unsigned int fd, struct file *file)',
  location: 'the end of the system calls that return a new descriptor',
  difference:
    'seen at the end of the system call that created the descriptor; descriptors received in a ' +
    'message (SCM_RIGHTS), pipes, socket pairs, fcntl(F_DUPFD) and io_uring are not seen',
  plan: () => ({
    enter: [
      systemCalls('sys_exit', ofAllPrograms(calls), (call) => {
        exitIfFailed(call)
        const { k, task, result } = call
        let file: ReturnType<typeof fileOfDescriptor> | undefined
        return (index) => {
          if (index === 0) return result
          if (index !== 1) return undefined
          file ??= fileOfDescriptor({ k, task }, result)
          return file
        }
      }),
    ],
    parameters: [0, 1],
  }),
}
