import type { Code, Int, Variable } from '@tetragon-ts/ebpf/lang'
import { hashMap } from '@tetragon-ts/ebpf/maps'
import { record, u64 } from '@tetragon-ts/ebpf/records'

// The kernel runs the programs that decide at a function one after the other, the newest first, and
// none after the first that refuses. For every policy to see every hit, only the oldest list at a
// function, which runs last, returns a verdict; the others leave theirs to it.

/** Maximum number of lists at a hook that decide together. */
export const decidingListsMax = 8

/** A call that is being decided, and the number of the list that has refused it. */
const VerdictKey = record('verdict_key', { call: u64, list: u64 })

/** Verdicts of all lists but the oldest at their hook, which share it. */
export const verdictsMap = () =>
  hashMap('tg_verdicts', { key: VerdictKey, value: u64, maxEntries: 4096 })
export type Verdicts = ReturnType<typeof verdictsMap>

/** Larger error numbers do not exist: MAX_ERRNO in include/linux/err.h. */
const errorMask = 4095

/** A result within the bounds that the verifier requires: -4095 to 0. */
export function bounded(k: Code, result: Int): Int {
  return k.constant(0).sub(k.constant(0).sub(result).and(errorMask))
}

/**
 * The call: the address of its arguments in the frame of the trampoline, unique among all calls
 * that have not returned. Before 5.11 the verifier does not accept it as a key.
 */
function callOf(k: Code): Int {
  return k.target.currentTaskBtf ? k.context : k.call('get_current_pid_tgid')
}

/** At the end of a list that is not the oldest: leaves its verdict, and none of an earlier call. */
export function leaveVerdict(k: Code, verdicts: Verdicts, list: number, verdict: Variable): void {
  const key = { call: callOf(k), list }
  k.when(
    verdict.eq(0),
    () => void k.remove(verdicts, key),
    // If there is no room the list refuses by itself; older lists do not see the hit then.
    () => k.when(k.update(verdicts, key, verdict).eq(0), () => verdict.set(0)),
  )
}

/**
 * At the end of the oldest list: takes the verdicts of the others.
 * @param others a bit for each
 * @param within makes a result one that the verifier accepts
 */
export function takeVerdicts(
  k: Code,
  verdicts: Verdicts,
  others: Int,
  verdict: Variable,
  within: (result: Int) => Int,
): void {
  // Few hooks have more than one list.
  k.when(others.ne(0), () => {
    const call = callOf(k)
    for (let list = 1; list < decidingListsMax; list++) {
      k.when(others.has(1n << BigInt(list)), () => {
        const left = k.lookup(verdicts, { call, list })
        k.when(left, () => {
          k.when(verdict.eq(0), () => verdict.set(within(left.value)))
          k.remove(verdicts, { call, list })
        })
      })
    }
  })
}
