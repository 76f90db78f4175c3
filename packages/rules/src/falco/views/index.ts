import { missing, text } from '../fields/field-readers.ts'
import { or, test, unknown } from '../term.ts'
import { callView } from './call-view.ts'
import { fileViews } from './file-views.ts'
import { networkViews } from './network-views.ts'
import type { View } from './view.ts'

/** Starts of programs: also what a rule without an event type is about. */
export const execView: View = {
  category: 'process_creation',
  types: ['execve', 'execveat'],
  fields: {
    plain: {
      'evt.arg.exe': text('Image'),
      'evt.arg.filename': text('Image'),
      'evt.arg.flags': missing('Falco says by flags of an exec what proc.is_exe_… says'),
    },
  },
}

/** Numbers of requests by Falco's names. */
const requests: Readonly<Record<string, number>> = {
  ...{ PTRACE_TRACEME: 0, PTRACE_POKETEXT: 4, PTRACE_POKEDATA: 5, PTRACE_SETREGS: 13 },
  ...{ PTRACE_ATTACH: 16, PTRACE_SEIZE: 0x4206, PTRACE_SETREGSET: 0x4205 },
}

const views: readonly View[] = [
  execView,
  { category: 'process_termination', types: ['procexit'] },
  ...fileViews,
  ...networkViews,
  { category: 'driver_load', types: ['init_module', 'finit_module'] },
  {
    category: 'process_access',
    types: ['ptrace'],
    base: test('GrantedAccess|exists', true),
    fields: {
      plain: {
        'evt.arg.request': ({ values }) => {
          return or(
            values.map((value) => {
              const number = requests[value]
              return number === undefined
                ? unknown(`the number of ${value} is not known`)
                : test('GrantedAccess', number)
            }),
          )
        },
      },
    },
  },
]

/** Events of other calls have no process that could be named, or do not come from a call. */
const unanswerable: Readonly<Record<string, string>> = {
  clone: 'forks without a program have no event',
  clone3: 'forks without a program have no event',
  fork: 'forks without a program have no event',
  vfork: 'forks without a program have no event',
  switch: 'the scheduler is not observed',
  container: 'starts of containers are no events: their first program is one',
  pluginevent: 'events of plugins are not on the host',
}

/**
 * The views for names of event types.
 * @returns also the names that no event can answer, with the reason
 */
export function viewsOf(types: ReadonlySet<string>): {
  readonly views: readonly View[]
  readonly unanswerable: readonly string[]
} {
  const own = views.filter((view) => view.types.some((type) => types.has(type)))
  const known = new Set(views.flatMap((view) => view.types))
  const others = [...types].filter((type) => !known.has(type))
  return {
    views: [...own, ...others.filter((type) => !Object.hasOwn(unanswerable, type)).map(callView)],
    unanswerable: others
      .filter((type) => Object.hasOwn(unanswerable, type))
      .map((type) => `${type}: ${unanswerable[type]}`),
  }
}
