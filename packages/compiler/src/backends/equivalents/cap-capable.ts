import type { Int } from '@tetragon-ts/ebpf/lang'
import { currentTask } from '@tetragon-ts/sensors/kernel/current-task'
import type { Raw } from '../../hook/hit.ts'
import { isRefusal } from '../../hook/refusal.ts'
import type { Placement } from '../../hook-plans/hook-plan.ts'
import { atTracepoint } from './at-tracepoint.ts'
import type { Equivalent } from './equivalent.ts'

/** cap_capable(cred, ns, cap, opts): the tracepoint at its end, which also has the result. */
export const capCapable: Equivalent = {
  functions: ['cap_capable'],
  prototype:
    'cap_capable(const struct cred *cred, struct user_namespace *ns, int cap, unsigned int opts)',
  location: 'the tracepoint cap_capable (Linux 6.14), which is hit at its end',
  difference: 'seen at its end; opts is unavailable',
  plan(_, kernel) {
    const plan = atTracepoint('cap_capable', kernel, [0, 1, 2], (_, args) => [
      ...[args[0], args[1], args[3]],
    ])
    if (isRefusal(plan)) return plan
    const leave: Placement = {
      hook: plan.enter[0].hook,
      hit: (k, args) => ({
        k,
        task: currentTask(k),
        functionIndex: 0,
        parameter: () => undefined,
        result: (args as Raw[])[4] as Int,
      }),
    }
    return { ...plan, leave: [leave], leaveRunsLast: true }
  },
}
