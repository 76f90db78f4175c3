import { declarations } from '@tetragon-ts/operator'
import { operatorOptions as theirs } from './reference/operator-options.ts'
import { better, compare, type Exceptions, leftOut, type Section } from './table.ts'

/** Options that differ from the original. */
const exceptions: Exceptions = {
  'leader-election': better('a replica that loses the Lease waits for it again instead of ending'),
  'force-update-crds': better('all changes are checked by the API server before the first one'),
  cmdref: leftOut('--help lists all options'),
}

/** The options of the operator. */
export function operatorSection(): Section {
  const names = Object.keys(theirs)
  const ours = new Map(Object.entries(declarations))
  const { entries, problems } = compare({ theirs: names, ours: new Set(ours.keys()), exceptions })
  for (const name of names) {
    const own = ours.get(name)
    if (own === undefined || own.default === theirs[name]) continue
    problems.push(`${name} has another default, '${own.default}'`)
  }
  return {
    title: 'Options of the operator',
    intro:
      'Of `tetragon-operator serve`. Sources are the same: `--config-dir`, the environment ' +
      '(`TETRAGON_OPERATOR_…`), the command line.',
    entries,
    ours: [],
    problems,
  }
}
