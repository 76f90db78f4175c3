import type { RegisterAssignment } from '@tetragon-ts/policy'
import { byPolicy } from '../hook/refusal.ts'
import { canSet, findRegister } from '../hook/registers.ts'
import { planOverride } from '../user-probes/index.ts'
import type { Means } from './means.ts'

/**
 * Programs at functions of user space set registers of the thread, also the instruction pointer:
 * then the function is not executed. Linux 6.18.
 */
export const registerMeans: Means<'Override', 'registers'> = {
  name: 'registers',
  guarantee: 'refuses',
  refuses(action, { redirects, leave }) {
    if (!redirects) return byPolicy('only for functions of user space')
    const reason = action.registers.map(invalid).find((each) => each !== undefined)
    if (reason !== undefined) return byPolicy(reason)
    const { assignments } = planOverride(action)
    const movesStack = assignments.some(({ register }) => /sp$/.test(register))
    if (leave.length === 0 || !movesStack) return undefined
    return byPolicy('a hook that waits for the return must not set the stack pointer')
  },
  emit: (action, { redirect }) => redirect?.(action),
}

/** What is wrong with an assignment on this machine. */
function invalid(
  { register, from }: RegisterAssignment,
  index: number,
  all: readonly RegisterAssignment[],
): string | undefined {
  if (!canSet(register)) return `the register ${register} cannot be set`
  const { offset } = findRegister(register) ?? {}
  // Such as rax and eax.
  const same = all.slice(0, index).find((each) => findRegister(each.register)?.offset === offset)
  if (same) return `${same.register} and ${register} are the same register`
  if (from.kind === 'constant' || findRegister(from.name)) return undefined
  return `there is no register ${from.name}`
}
