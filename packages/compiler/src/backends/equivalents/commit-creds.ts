import { tpBtf } from '@tetragon-ts/ebpf/lang'
import { currentTask } from '@tetragon-ts/sensors/kernel/current-task'
import type { Placement } from '../../hook-plans/hook-plan.ts'
import type { Equivalent } from './equivalent.ts'
import { exitIfFailed, ofAllPrograms, systemCalls } from './system-calls.ts'

const calls = [
  ...['setuid', 'setgid', 'setreuid', 'setregid', 'setresuid', 'setresgid', 'setgroups', 'capset'],
  ...['setuid32', 'setgid32', 'setreuid32', 'setregid32', 'setresuid32', 'setresgid32'],
  ...['setgroups32', 'unshare', 'setns', 'prctl'],
]
/** include/uapi/linux/sched.h */
const CLONE_NEWUSER = 0x10000000n
/** include/uapi/linux/prctl.h: PR_SET_KEEPCAPS, PR_CAPBSET_DROP, PR_SET_SECUREBITS. */
const changingOptions = [8, 24, 28]

/** commit_creds(new): the end of the system calls that change credentials. */
export const commitCreds: Equivalent = {
  functions: ['commit_creds'],
  prototype: 'commit_creds(struct cred *new)',
  location: 'the end of the system calls that change credentials, and of execve',
  difference:
    'seen at the end of the system call, when the credentials are in effect; changes by setfsuid, ' +
    'setfsgid, keyctl, ambient capabilities, setns without CLONE_NEWUSER and kernel threads are ' +
    'not seen; the return value is unavailable',
  plan() {
    const executed: Placement = {
      hook: tpBtf('sched_process_exec'),
      hit(k) {
        const task = currentTask(k)
        const { cred } = task
        return { k, task, functionIndex: 0, parameter: (index) => (index === 0 ? cred : undefined) }
      },
    }
    const changed = systemCalls('sys_exit', ofAllPrograms(calls), (call) => {
      exitIfFailed(call)
      const { k, task, argument } = call
      // Only some operations of these calls change credentials.
      k.when(call.isOneOf(['unshare']), () => {
        k.unless(argument(0).has(CLONE_NEWUSER), k.exit)
      })
      k.when(call.isOneOf(['setns']), () => {
        k.unless(argument(1).has(CLONE_NEWUSER), k.exit)
      })
      k.when(call.isOneOf(['prctl']), () => {
        const option = argument(0).low32()
        const changes = k.variable(0)
        for (const value of changingOptions) k.when(option.eq(value), () => changes.set(1))
        k.when(changes.eq(0), k.exit)
      })
      const { cred } = task
      return (index) => (index === 0 ? cred : undefined)
    })
    return { enter: [executed, changed], parameters: [0] }
  },
}
