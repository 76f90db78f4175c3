import { cgroupDevice, type DeviceAccess, type Hook } from '@tetragon-ts/ebpf/lang'
import { currentTask } from '@tetragon-ts/sensors/kernel/current-task'
import type { CgroupDecision } from './decision.ts'

/** Access to devices: programs run wherever the function is called, with its parameters. */
export const usingDevices: CgroupDecision = {
  function: 'devcgroup_check_permission',
  prototype: 'devcgroup_check_permission(short type, u32 major, u32 minor, short access)',
  at: 'BPF_CGROUP_DEVICE',
  needs: 'cgroup_device',
  difference: 'none: all calls are seen',
  parameters: [0, 1, 2, 3],
  placements: (cgroup) => [
    {
      hook: cgroupDevice(cgroup) as Hook,
      hit(k, args) {
        const [{ kind, major, minor, access }] = args as [DeviceAccess]
        const parameters = [kind, major, minor, access]
        return {
          k,
          task: currentTask(k),
          functionIndex: 0,
          parameter: (index) => parameters[index],
        }
      },
    },
  ],
}
