import { type Code, Int, type Ptr } from '@tetragon-ts/ebpf/lang'
import { lruHashMap } from '@tetragon-ts/ebpf/maps'
import { record, u64 } from '@tetragon-ts/ebpf/records'
import type { Action } from '@tetragon-ts/policy'
import { plainAddress } from '../backends/plain-address.ts'
import { Mixer } from '../hook/mixer.ts'
import type { Operand } from '../operators/operator.ts'
import type { ActionScope } from './action.ts'

// Events are equal if they have the same hook, selector, action and thread (or process, or any),
// and the same first 40 bytes of each argument. The key is a hash of all that, since there may be
// many arguments.

const RateKey = record('rate_key', { a: u64, b: u64 })

/** Time of the last event with a key. */
export const rateLimits = lruHashMap('tg_rate_limits', {
  key: RateKey,
  value: u64,
  maxEntries: 32768,
})

/** Bytes of an argument that are compared. */
const counted = 40

/** Suppresses an event if an equal one was posted within the interval. */
export function limitRate(
  { rateLimitNs, rateLimitScope, path }: Action<'Post'>,
  { hit, hook, context, argument, post, uncertain }: ActionScope,
): void {
  const { k, task } = hit
  const { functionIndex } = hit
  const known = typeof functionIndex === 'object' ? 0 : Number(functionIndex)
  const mixer = new Mixer(k, [context.hookId, actionNumber(path), known])
  if (typeof functionIndex === 'object') mixer.add(functionIndex)
  // A hit that turns out to be of another workload must not hold back others.
  if (uncertain) mixer.add(uncertain.mul(context.uncertain.group))
  if (rateLimitScope !== 'global') {
    const ofTask = rateLimitScope === 'thread' ? task.pid : task.tgid
    mixer.add(hit.socket ? plainAddress(k, k.address(hit.socket as Ptr<object>)) : ofTask)
  }
  hook.args.forEach(({ returnCopy, path: where }, i) => {
    if (!returnCopy) context.at(where, () => addArgument(k, argument(i), mixer, context.scratch))
  })
  const now = k.bootTime()
  const key = { a: mixer.a, b: mixer.b }
  const last = k.lookup(rateLimits, key)
  const tooSoon = k.variable(0)
  k.when(
    last,
    () =>
      k.when(
        now.sub(last.value).lt(rateLimitNs),
        () => tooSoon.set(1),
        () => k.assign(last, { value: now }),
      ),
    () => k.update(rateLimits, key, now),
  )
  k.when(tooSoon.ne(0), () => {
    post.set(0)
    context.countLoss('rate_limited')
  })
}

/** Distinguishes the actions of a hook: the path is unique. */
function actionNumber(path: string): number {
  const [selector, action] = [...path.matchAll(/\[(\d+)\]/g)].slice(-2).map(([, n]) => Number(n))
  return selector * 65536 + action
}

type Argument = Pick<Operand, 'value' | 'text'>

function addArgument(
  k: Code,
  { value, text }: Argument,
  mixer: Mixer,
  scratch: ActionScope['context']['scratch'],
): void {
  const { integer, mask, socket } = value
  if (text) {
    // Memory after the text has old content.
    const start = scratch(64)
    for (let at = 0; at < 64; at += 8) start.store(8, at, 0)
    const length = k.variable(text.length)
    k.when(length.gt(counted), () => length.set(counted))
    k.readKernel(start, length.and(63), text.bytes.address())
    mixer.add(text.length)
    for (let at = 0; at < counted; at += 8) mixer.add(start.load(8, at))
  } else if (integer || mask) {
    mixer.add(integer?.value ?? (mask as Int))
  } else if (socket) {
    const { family, protocol, sourcePort, destinationPort, source, destination } = socket
    const numbers = [family, protocol, sourcePort, destinationPort]
    for (const word of [...numbers, ...(source ?? []), ...(destination ?? [])]) {
      if (word) mixer.add(word)
    }
  } else {
    const numbers = Object.values(value.fields()).filter((field) => field instanceof Int)
    for (const number of numbers.slice(0, counted / 8)) mixer.add(number as Int)
  }
}
