import type { Hook } from '../model/index.ts'
import type { ProcessFilterDocument } from '../schema/hooks.ts'
import { checkHook, type PolicyContext } from './hooks.ts'

/** The name of process filters in states and reports of policies. */
const call = 'process_exec'

/** Checks an item of processes. */
export function checkProcessFilter(
  { at, selectors }: ProcessFilterDocument,
  index: number,
  context: PolicyContext,
): Hook {
  const { findings } = context.check
  const document = { at, selectors, args: [], message: undefined, tags: [] }
  const hook = checkHook(document, { section: 'processes', index, call }, context)
  const atExec = context.spec.tracepoints.find(
    ({ subsystem, event }) => subsystem === 'sched' && event === 'sched_process_exec',
  )
  if (atExec !== undefined && index === 0) {
    const message =
      'hooks of sched/sched_process_exec run after the filters of all policies: ' +
      'put this hook and processes into two policies'
    findings.error(`${atExec.at}.event`, 'POLICY_CALL', message)
  }
  for (const selector of selectors) {
    if (selector.matchCEL !== undefined) {
      const message = 'matchCEL needs arguments of a hook'
      findings.error(`${selector.at}.matchCEL`, 'POLICY_ARGUMENT', message)
    }
    for (const name of ['matchArgs', 'matchData'] as const) {
      const [first] = selector[name]
      if (first === undefined) continue
      const message = `${name} needs arguments of a hook: use matchCmdArgs for those of the program`
      findings.error(first.at, 'POLICY_ARGUMENT', message)
    }
  }
  return hook
}
