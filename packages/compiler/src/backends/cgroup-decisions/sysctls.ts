import {
  cgroupSysctl,
  type Hook,
  type Int,
  kernelStruct,
  type SysctlAccess,
} from '@tetragon-ts/ebpf/lang'
import { currentTask } from '@tetragon-ts/sensors/kernel/current-task'
import { byKernel } from '../../hook/refusal.ts'
import { plainAddress } from '../plain-address.ts'
import type { CgroupDecision } from './decision.ts'

/** include/linux/filter.h: `ppos` is the address of `ki_pos` in the struct kiocb of the call. */
const SysctlContext = kernelStruct<{ readonly ppos: Int }>('bpf_sysctl_kern')
/** include/linux/fs.h */
const Kiocb = kernelStruct<{ readonly ki_pos: Int }>('kiocb')

/** Files in /proc/sys that are read or written. */
export const usingSysctls: CgroupDecision = {
  function: 'proc_sys_call_handler',
  prototype: 'proc_sys_call_handler(struct kiocb *iocb, struct iov_iter *iter, int write)',
  at: 'BPF_CGROUP_SYSCTL',
  needs: 'cgroup_sysctl',
  difference: 'what the permissions of the file refuse is not seen; `iter` is unavailable',
  parameters: [0, 2],
  refuses(_, { btf }) {
    const [first] = btf.prototype('proc_sys_call_handler')?.params ?? []
    // Before Linux 5.10, `ppos` is not inside a kiocb.
    return first?.name === 'iocb' ? undefined : byKernel('the handler of sysctls has no kiocb')
  },
  placements: (cgroup) => [
    {
      hook: cgroupSysctl(cgroup) as Hook,
      hit(k, args) {
        const [{ write, context }] = args as [SysctlAccess]
        const position = k.cast(SysctlContext, plainAddress(k, context)).ppos
        const offset = k.layout(Kiocb).member('ki_pos')?.offset
        if (offset === undefined) throw new Error('struct kiocb has no ki_pos')
        const iocb = position.sub(offset)
        return {
          k,
          task: currentTask(k),
          outsideExec: true,
          functionIndex: 0,
          parameter: (index) => (index === 0 ? iocb : index === 2 ? write : undefined),
        }
      },
    },
  ],
}
