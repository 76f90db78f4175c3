import type { Code, Condition, Int } from '@tetragon-ts/ebpf/lang'
import { processTable } from '@tetragon-ts/sensors/kernel/maps'
import { namespaceIndex } from '@tetragon-ts/sensors/records/process'
import { anyOf } from '../hook/any-of.ts'
import type { Hit } from '../hook/hit.ts'
import { capabilitiesOf, isInOwnNamespace } from './capabilities.ts'
import type { Matcher } from './matcher.ts'
import { namespaceOf } from './namespaces.ts'

// The process table has the state of a process at its last exec, or at its fork. A process that is
// not in the table matches neither a change nor its absence.

const unknown = 0
const same = 1
const changed = 2

/** Fields of the process table's entry. */
const capabilityFields = {
  Effective: 'effective',
  Inheritable: 'inheritable',
  Permitted: 'permitted',
} as const

/** matchNamespaceChanges: whether one of these namespaces has changed. */
export const namespaceChangesMatcher: Matcher = {
  conditions: ({ namespaceChanges }, hit) =>
    namespaceChanges.map(({ path, negated, namespaces }) => ({
      path,
      make() {
        const { k } = hit
        // Read before the lookup: values read in a branch are not available after it.
        const now = namespaces.map(
          (type) => [namespaceIndex(type), namespaceOf(hit, type)] as const,
        )
        const state = compare(k, hit, (entry) =>
          anyOf(
            k,
            now.map(
              ([at, number]) =>
                () =>
                  entry.namespaces.at(at).ne(number),
            ),
          ),
        )
        return state.eq(negated ? same : changed)
      },
    })),
}

/** matchCapabilityChanges: whether the task has gained or lost one of these. */
export const capabilityChangesMatcher: Matcher = {
  conditions: ({ capabilityChanges }, hit, context) =>
    capabilityChanges.map(({ path, type, negated, mask, isNamespaceCapability }) => ({
      path,
      make() {
        const found = (): Condition => {
          const now = capabilitiesOf(hit, type)
          const state = compare(hit.k, hit, (entry) =>
            entry[capabilityFields[type]].xor(now).has(mask),
          )
          return state.eq(negated ? same : changed)
        }
        return isNamespaceCapability ? isInOwnNamespace(hit, context).and(found) : found()
      },
    })),
}

type Entry = ReturnType<typeof lookup>

function lookup({ k, task }: Hit) {
  return k.lookup(processTable, task.tgid)
}

/** Difference between the task and its entry in the process table. */
function compare(k: Code, hit: Hit, differs: (entry: Entry) => Condition): Int {
  const state = k.variable(unknown)
  const entry = lookup(hit)
  k.when(entry, () =>
    k.when(
      differs(entry),
      () => state.set(changed),
      () => state.set(same),
    ),
  )
  return state
}
