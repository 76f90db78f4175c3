import assert from 'node:assert/strict'
import type { PolicyCase } from '../policy-case.ts'
import { lseek, lseekCase } from './lseek.ts'

const matchPIDs = { kind: 'matcher', name: 'matchPIDs' } as const

function select(operator: string, values: string, more = ''): string {
  return `
matchPIDs:
- operator: ${operator}
  values: [${values}]
${more}`
}

const call = lseek.join(' ')
const inPidNamespace = `unshare -pf --mount-proc {trigger} ${call}`

export const pidCases: readonly PolicyCase[] = [
  lseekCase(
    matchPIDs,
    'a process that ran before the policy',
    select('In', '{pid}'),
    ['wait', '--', ...lseek],
    ['wait', '--', ...lseek],
    {
      startFirst: true,
      expect({ body }, _, { pid }) {
        assert.equal(body.process?.pid, pid)
      },
    },
  ),
  lseekCase(
    matchPIDs,
    'NotIn, of many',
    select('NotIn', Array.from({ length: 20 }, (_, i) => i + 1).join(', ')),
    lseek,
  ),
  lseekCase(
    matchPIDs,
    'two entries, of which both must hold',
    `
matchPIDs:
- operator: In
  values: [{pid}]
- operator: NotIn
  values: [1, 2]`,
    ['wait', '--', ...lseek],
    ['wait', '--', ...lseek],
    { startFirst: true },
  ),
  lseekCase(
    matchPIDs,
    'followForks: children, whatever they execute',
    select('In', '{pid}', '  followForks: true'),
    ['wait', '--', 'fork', 'exec', '{trigger}', 'fork', 'exec', '{trigger}', ...lseek],
    ['wait', '--', 'fork', 'exec', '{trigger}', ...lseek],
    { startFirst: true },
  ),
  lseekCase(
    matchPIDs,
    'isNamespacePID: by the pid in its own namespace',
    select('In', '1', '  isNamespacePID: true'),
    inPidNamespace,
    lseek,
  ),
  lseekCase(
    matchPIDs,
    'isNamespacePID with followForks, NotIn: what entered a container',
    select('NotIn', '1', '  isNamespacePID: true\n  followForks: true'),
    // The container is on a node with pids of its own, as on kind.
    `
      unshare -pf --mount-proc sh -c '
        unshare -pf sleep 60 &
        while ! child=$(cat /proc/$!/task/$!/children) || [ -z "$child" ]; do :; done
        nsenter -t $child -p {trigger} ${call}
        kill -9 $child'`,
    inPidNamespace,
    { needs: { programs: ['nsenter', 'unshare'] } },
  ),
]
