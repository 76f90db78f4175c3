import type { Int } from '@tetragon-ts/ebpf/lang'
import type { ImageMatch, ImageTest, Logic } from '@tetragon-ts/policy'
import type { Hit } from '../hook/hit.ts'
import type { HookContext } from '../hook/hook-context.ts'
import { images } from '../process-sets/images/images.ts'
import { memberBits } from '../process-sets/member.ts'
import type { Matcher } from './matcher.ts'

const { self, unknown, parent, parentUnknown } = memberBits

/** The condition of a rule. Also true if that is unknown: see `unknownImage`. */
export const imagesMatcher: Matcher = {
  conditions: (selector, hit, context) =>
    selector.images.map(({ path, condition }) => ({
      path,
      make: () => truthOf(condition, 'possible', hit, context).ne(0),
    })),
  sets: (selector) =>
    selector.images.flatMap(({ condition }) =>
      testsOf(condition).map((each) => images(each.condition, each.of)),
    ),
}

/** 1 if the condition of a rule may match, but it is unknown whether it does. */
export function unknownImage(match: ImageMatch, hit: Hit, context: HookContext): Int {
  return truthOf(match.condition, 'certain', hit, context).xor(1)
}

function testsOf(condition: Logic<ImageTest>): ImageTest[] {
  if (condition.kind === 'image') return [condition]
  return condition.kind === 'not' ? testsOf(condition.of) : condition.of.flatMap(testsOf)
}

/** Whether unknown tests count as true or as false. */
type Wanted = 'possible' | 'certain'

/** 1 or 0. */
function truthOf(condition: Logic<ImageTest>, wanted: Wanted, hit: Hit, context: HookContext): Int {
  const { k, task } = hit
  if (condition.kind === 'image') {
    const bits = context.processSets
      .get(images(condition.condition, condition.of))
      .bitsOf(k, task.tgid)
    const [yes, open] = condition.of === 'process' ? [self, unknown] : [parent, parentUnknown]
    const counts = wanted === 'possible' ? yes | open : yes
    return k.select(bits.has(counts), 1, 0)
  }
  if (condition.kind === 'not') {
    const opposite = wanted === 'possible' ? 'certain' : 'possible'
    return truthOf(condition.of, opposite, hit, context).xor(1)
  }
  const isAnd = condition.kind === 'and'
  const sum = k.variable(isAnd ? 1 : 0)
  for (const each of condition.of) {
    const next = truthOf(each, wanted, hit, context)
    sum.set(isAnd ? sum.and(next) : sum.or(next))
  }
  return sum
}
