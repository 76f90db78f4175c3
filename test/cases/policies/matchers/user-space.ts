import assert from 'node:assert/strict'
import type { PolicyCase, Trigger } from '../policy-case.ts'

const call = ['numbers', '5', '0', '0'] as const

/** A case whose policy has one selector, at a function of a program. */
function callCase(
  matcher: string,
  name: string,
  selector: string,
  { hit = call, miss = ['numbers', '6', '0', '0'], ...more }: Partial<PolicyCase> = {},
): PolicyCase {
  return {
    covers: { kind: 'matcher', name: matcher },
    name: `uprobes: ${name}`,
    program: 'probed',
    policy: `
      uprobes:
      - path: {program}
        symbols: [takes_numbers]
        args: [{index: 0, type: int}]
        data:
        - {type: int, source: pt_regs, resolve: edi}
        - {type: string, source: current_task, resolve: comm}
        selectors:
        - ${selector}`,
    hit,
    miss,
    ...more,
    expect({ args, body }) {
      assert.deepEqual(args, [{ int_arg: 5 }])
      assert.deepEqual(body.data, [{ int_arg: 5 }, { string_arg: 'probed' }])
    },
  }
}

const waiting: Trigger = ['wait', '--', ...call]

export const userSpaceCases: readonly PolicyCase[] = [
  callCase('matchArgs', 'a parameter', 'matchArgs: [{index: 0, operator: Equal, values: ["5"]}]'),
  callCase('matchData', 'a register', 'matchData: [{index: 0, operator: Equal, values: ["5"]}]'),
  callCase(
    'matchData',
    'a value of the current task',
    'matchData: [{index: 1, operator: Equal, values: [probed]}]',
    { miss: 'ln -s {program} other && ./other numbers 5 0 0' },
  ),
  callCase('matchBinaries', 'In', 'matchBinaries: [{operator: In, values: ["{program}"]}]', {
    // The same file at another path.
    miss: `
      touch other
      unshare -m sh -c 'mount --bind {program} other && ./other ${call.join(' ')}'`,
    needs: { programs: ['unshare', 'mount'] },
  }),
  callCase('matchPIDs', 'In', 'matchPIDs: [{operator: In, values: [{pid}]}]', {
    hit: waiting,
    miss: waiting,
    startFirst: true,
  }),
]
