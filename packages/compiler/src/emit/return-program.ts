import { type Program, program } from '@tetragon-ts/ebpf/lang'
import type { Selector } from '@tetragon-ts/policy'
import { hookFlags } from '@tetragon-ts/sensors/records/hook'
import { actionCode, enforcementOf } from '../actions/index.ts'
import { changeOwner } from '../actions/track-sock.ts'
import type { Hit } from '../hook/hit.ts'
import { Scratch } from '../hook/scratch.ts'
import type { Placement } from '../hook-plans/hook-plan.ts'
import { unknownCommand } from '../matchers/command-arguments.ts'
import { uncertainAtReturn } from '../matchers/workloads.ts'
import { takeCall } from '../plan/calls.ts'
import type { PlannedHook } from '../plan/plan-hook.ts'
import { countUndecided, exitIfNoneUndecided } from '../plan/undecided-calls.ts'
import { isPause } from './choose-selector.ts'
import { Enforcement, enforcementRegisters } from './enforcement.ts'
import { HookCode } from './hook-code.ts'
import { HookWriter } from './hook-record.ts'
import { decideLate } from './late-decision.ts'
import { unreadableBit } from './unreadable.ts'

/**
 * The program at a function's return: reads values for calls whose entry matched, and sends them
 * after the entry's record. The reader of events combines both.
 */
export function returnProgram(planned: PlannedHook, placement: Placement): Program {
  const { selectors } = planned.hook
  const decides = (selector: Selector): boolean => planned.decidesAtReturn(selector)
  const decidesLate = planned.rereads.length > 0
  const isCounted = decidesLate || selectors.some(decides)
  const counts = isCounted ? planned.scope.counts.take(planned.hook) : undefined
  return program(`${planned.programName}_r`.slice(0, 15), placement.hook, (k, ...args) => {
    const scratch = new Scratch(k, 'tg_scratch')
    const context = planned.context(k, scratch)
    const { hook, leave, returnRecord } = planned
    return context.atInSteps(hook.path, function* () {
      const now = placement.hit(k, args, k.exit)
      if (!planned.returns) exitIfNoneUndecided(k, planned.undecidedCalls)
      const call = takeCall(k, now, context.hookId)
      if (!planned.returns) countUndecided(k, planned.undecidedCalls, -1)
      const saved = planned.savedParameters
      const hit: Hit = { ...now, parameter: (index) => call.parameters[saved.indexOf(index)] }
      const matched = decidesLate ? decideLate(planned, hit, call, counts) : call.selector
      if (!planned.returns) return
      const code = new HookCode(planned, hit, context)
      code.faultIn(leave)
      if (returnRecord.tails.length > 0 || planned.needsScratch) scratch.open()
      const writer = new HookWriter(k, returnRecord, planned.ringUse, scratch)
      for (const name of leave) code.add(name, writer)
      const flags = k.variable(hookFlags.returned)
      const cancel = (): void => flags.set(hookFlags.returned | hookFlags.cancelled)
      if (hook.returnArgAction) {
        changeOwner(hook.returnArgAction, hit, context, code.value('r'))
      }
      counts?.open(k)
      const enforcement = planned.extras.enforcement
        ? new Enforcement(planned, hit, context, counts, enforcementRegisters(k))
        : undefined
      for (const [i, selector] of selectors.entries()) {
        const { returnArgs, returnActions } = selector
        if (isPause(i)) yield
        if (!decides(selector)) continue
        k.when(matched.eq(i), () => {
          for (const match of hook.returnArg ? returnArgs : []) {
            context.at(match.path, () => {
              const unread = unreadableBit(k, code.value('r'))
              k.unless(
                code.holds({ match, values: ['r'] }, () => unread),
                cancel,
              )
              if (unread) k.when(unread.ne(0), () => context.countLoss('unreadable'))
            })
          }
          k.when(flags.eq(hookFlags.returned), () => {
            for (const action of returnActions) {
              const found = actionCode(action)
              const argument = (position: number) => code.operand(`a${position}`)
              // Actions that can have no effect are executed at the entry only.
              const setIdle = (): void => {}
              const act = { hit, context, hook, argument, post: { set: cancel }, setIdle }
              context.at(action.path, () => found?.emit(action, act))
            }
            if (returnActions.some((action) => enforcementOf(action))) {
              const uncertain = uncertainAtReturn(hit, context, selector)
              const enforce = (): void => enforcement?.emit(i, returnActions, uncertain)
              const { unreadableArguments } = planned.scope.policy.options
              const unknown = unknownCommand(selector, hit, context)
              if (unknown && unreadableArguments === 'allow') k.when(unknown.eq(0), enforce)
              else enforce()
            }
            const post = (): void => counts?.count(k, i, 'post')
            if (!planned.suppressing(returnActions)) return post()
            k.when(flags.eq(hookFlags.returned), post, () => counts?.count(k, i, 'nopost'))
          })
        })
      }
      writer.send(
        {
          ...code.header(call.time),
          selector: matched,
          functionIndex: call.functionIndex,
          flags,
          ...enforcement?.fields,
        },
        () => {
          context.countLoss('hook')
          const counting = selectors.flatMap((selector, i) => (decides(selector) ? [i] : []))
          k.when(flags.eq(hookFlags.returned), () => counts?.takeBack(k, matched, counting))
        },
      )
    })
  })
}
