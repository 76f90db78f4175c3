import type { Int, Variable } from '@tetragon-ts/ebpf/lang'
import { hookFlags } from '@tetragon-ts/sensors/records/hook'
import { writeHash } from '../actions/ima-hash.ts'
import { selectorsWithStack, stackField, writeStack } from '../actions/stacks.ts'
import { changeOwner, findOwner } from '../actions/track-sock.ts'
import { executingFlag } from '../hook/process-identity.ts'
import { forgetCall, rememberCall } from '../plan/calls.ts'
import { countUndecided } from '../plan/undecided-calls.ts'
import type { Choice, SelectorChoice } from './choose-selector.ts'
import type { EntryState } from './entry-state.ts'
import { EqualRefusals } from './equal-refusals.ts'
import type { HookWriter } from './hook-writer.ts'

/** Sends the record of a hit, and saves the call until its return if that is needed. */
export function postRecord(
  state: EntryState,
  writer: HookWriter,
  choice: Choice,
  chooser: SelectorChoice,
): void {
  const { planned, hit, k, context, enforcement, ownFrames } = state
  const { selector } = choice
  const time = k.bootTime()
  const { returnArgAction } = planned.hook
  if (returnArgAction && planned.onlyAtReturn) {
    changeOwner(returnArgAction, hit, context, state.value('r'))
  }
  const values = planned.enter.map((name) => state.value(name))
  for (const kind of planned.extras.stacks) {
    const wanted = selectorsWithStack(planned.hook, kind)
    writer.addTail(stackField(kind), (to) => writeStack(hit, to, kind, selector, wanted, ownFrames))
  }
  if (planned.extras.imaHash) {
    writer.addTail('ima_hash', (to) => writeHash(hit, to, planned.hook, selector))
  }
  const owner = context.tracksSocks ? { owner: findOwner(hit, context, values) } : {}
  const waits = keepCall(state, choice, chooser, time)
  // 1, the flag itself, if it waits for a decision.
  const pending = planned.returns ? hookFlags.pending : (waits ?? 0)
  const flags = choice.idle?.or(pending) ?? pending
  const executing = executingFlag(hit)
  const equals = EqualRefusals.of(state, writer)
  writer.send(
    {
      ...state.header(time),
      selector,
      functionIndex: hit.functionIndex,
      flags: uncertainFlags(choice, typeof executing === 'number' ? flags : executing.or(flags)),
      ...owner,
      ...workloadFields(state),
      ...enforcement?.fields,
    },
    () => {
      context.countLoss('hook')
      chooser.takeBack(choice)
      if (planned.returns) forgetCall(hit, context.hookId)
      equals?.lost()
    },
    equals && ((record) => equals.exitIfCounted(record, choice)),
  )
  equals?.sent()
}

/** Adds the flags of an uncertain workload. */
function uncertainFlags({ uncertain, post }: Choice, flags: Int | number): Int | number {
  if (!uncertain) return flags
  const bits = uncertain.mul(hookFlags.uncertain).or(flags)
  return post.xor(1).and(uncertain).mul(hookFlags.suppressed).or(bits)
}

/** Fields of the record for user space to decide about an uncertain workload. */
function workloadFields({ planned, context, candidates }: EntryState) {
  if (!planned.extras.workload) return {}
  return { workload: { cgroup: context.uncertain.group, candidates: candidates.bits ?? 1 } }
}

/**
 * Saves the call until its return, if that is needed.
 * @returns 1 if it waits for a decision, else 0; undefined if that never happens
 */
function keepCall(
  state: EntryState,
  choice: Choice,
  chooser: SelectorChoice,
  time: Int,
): Int | Variable | undefined {
  const { planned, hit, context } = state
  const { selector, undecided } = choice
  const { k } = hit
  const parameters = planned.savedParameters.map((index) => hit.parameter(index))
  const remember = (word: Int): Int => rememberCall(hit, context, word, time, parameters)
  if (!undecided || planned.rereads.length === 0) {
    if (planned.returns) remember(selector)
    return undefined
  }
  if (planned.returns) {
    const word = k.variable(selector)
    k.when(undecided.ne(0), () => word.set(undecidedWord(state)))
    const error = remember(word)
    const isLost = undecided.ne(0).and(() => error.ne(0))
    if (planned.extras.enforcement) k.when(isLost, () => chooser.enforceUndecided(choice))
    return undecided
  }
  const waits = k.variable(undecided)
  k.when(undecided.ne(0), () => {
    k.when(
      remember(undecidedWord(state)).eq(0),
      () => countUndecided(k, planned.undecidedCalls, 1),
      () => {
        // Posted without a decision.
        chooser.enforceUndecided(choice)
        context.countLoss('unreadable')
        waits.set(0)
      },
    )
  })
  return waits
}

function undecidedWord({ planned, k, unreadable, candidates }: EntryState): Int {
  const { rereads, hook, undecided } = planned
  const tested = hook.selectors.flatMap((each) => planned.matchesOf(each))
  const names = new Set(tested.flatMap(({ values }) => values))
  const others = [...names].filter((name) => !rereads.includes(name))
  const unread = rereads.map((name) => unreadable.of(name))
  const other = unreadable.anyOf(others)
  return undecided.make(k, [...unread, other], candidates.bits)
}
