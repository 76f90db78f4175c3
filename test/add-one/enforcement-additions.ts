import type { Addition } from './addition.ts'

const dummyMeans = `import { byPolicy } from '../hook/refusal.ts'
import type { Means } from './means.ts'
import { signalMeans, signalNumber } from './signal.ts'

/** Signals from kprobes only. */
export const dummyMeans: Means<'Sigkill' | 'Signal', 'dummy'> = {
  name: 'dummy',
  guarantee: 'signals',
  refuses(action, plan, kernel) {
    if (plan.backend !== 'kprobe') return byPolicy('only for kprobes')
    return signalMeans.refuses(action, plan, kernel)
  },
  emit: (action, { k }) => k.call('send_signal', signalNumber(action)),
}
`

const freezeMeans = `
const SIGSTOP = 19

const freezeMeans: Means<'Freeze', 'signal'> = {
  name: 'signal',
  guarantee: 'signals',
  refuses: ({ path }, plan, kernel) =>
    signalMeans.refuses({ action: 'Signal', signal: SIGSTOP, path }, plan, kernel),
  emit: (_, { k }) => k.call('send_signal', SIGSTOP),
}
`

/** A means, and an action that is counted by itself. */
export const enforcementAdditions: readonly Addition[] = [
  {
    title: 'A means of enforcement',
    most: 4,
    name: {
      file: 'compiler/src/hook-plans/hook-plan.ts',
      insert: { 'export type MeansName =\n': "| 'dummy'\n" },
    },
    missing: ['compiler/src/actions/index.ts'],
    rest: [
      { file: 'compiler/src/means/dummy.ts', create: dummyMeans },
      {
        file: 'compiler/src/actions/enforce.ts',
        insert: {
          "import type { KernelView } from '../hook-plans/kernel-view.ts'\n":
            "import { dummyMeans } from '../means/dummy.ts'\n",
          'const signalMeansInOrder = {': ' dummy: dummyMeans,',
        },
      },
    ],
  },
  {
    title: 'An action with a counter',
    most: 4,
    name: {
      file: 'policy/src/actions/signals.ts',
      insert: {
        'export const signalActions = {\n': `Freeze: {
          effect: 'enforce',
          sections: everywhere,
          fields: {},
          doc: 'Stops the process until it gets SIGCONT.',
          check: (): object => ({}),
        },\n`,
      },
    },
    missing: ['compiler/src/actions/index.ts'],
    rest: [
      {
        file: 'api/src/messages/policy-status.ts',
        insert: {
          'export const enforcementCounters = [': "'freeze', ",
          '  nopost: uint64(10),\n': '  freeze: uint64(11),\n  monitor_freeze: uint64(12),\n',
        },
      },
      {
        file: 'compiler/src/actions/enforce.ts',
        insert: {
          "import type { ActionModule, EnforcedAction } from './action.ts'\n": freezeMeans,
          'export const enforcingActions = {\n': `Freeze: {
            enforcement: {
              counter: 'freeze',
              means: { signal: freezeMeans },
              details: () => ({ signal: SIGSTOP }),
            },
          } satisfies ActionModule<'Freeze'>,\n`,
        },
      },
    ],
  },
]
