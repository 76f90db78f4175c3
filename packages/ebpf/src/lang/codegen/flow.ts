import { eachRead, isPure, type Op, type Target, type Virtual, written } from './ir.ts'

/** Drops code that nothing reaches: the verifier refuses it. */
export function dropUnreachable(ops: readonly Op[]): Op[] {
  const places = placeIndex(ops)
  const reached = new Uint8Array(ops.length)
  const pending = [0]
  while (pending.length > 0) {
    let i = pending.pop() as number
    while (i < ops.length && !reached[i]) {
      reached[i] = 1
      const op = ops[i]
      if (op.op === 'exit') break
      if (op.op === 'jump') {
        i = places.get(op.to) as number
        continue
      }
      if (op.op === 'branch') pending.push(places.get(op.to) as number)
      i++
    }
  }
  const kept = ops.filter((_, i) => reached[i])
  // A jump to the very next operation does nothing.
  return kept.filter((op, i) => {
    if (op.op !== 'jump') return true
    for (let next = i + 1; kept[next]?.op === 'place'; next++) {
      if ((kept[next] as { target: Target }).target === op.to) return false
    }
    return true
  })
}

/**
 * Drops operations whose result is not read. Going backwards, the readers of a value are judged
 * before the operation that makes it, so one pass finds whole chains.
 */
export function dropUnused(ops: readonly Op[], registers: number): Op[] {
  const uses = new Int32Array(registers)
  const add = (register: Virtual): void => {
    uses[register]++
  }
  const remove = (register: Virtual): void => {
    uses[register]--
  }
  for (const op of ops) eachRead(op, add)

  const kept: Op[] = []
  for (let i = ops.length - 1; i >= 0; i--) {
    const op = ops[i]
    const dst = written(op)
    const unused = dst !== undefined && uses[dst] === 0
    if (unused && isPure(op)) eachRead(op, remove)
    // A call happens for its effect as well, but nothing has to keep its result then.
    else kept.push(unused && op.op === 'call' ? { ...op, dst: undefined } : op)
  }
  return kept.reverse()
}

/** Where every target stands. */
export function placeIndex(ops: readonly Op[]): Map<Target, number> {
  const places = new Map<Target, number>()
  ops.forEach((op, i) => {
    if (op.op === 'place') places.set(op.target, i)
  })
  return places
}
