import { optionRows, wrapText } from '@tetragon-ts/service/options'
import { families, options } from './families/index.ts'

/** Columns of the list of options without effect. */
const idleWidth = 98

/** The text of --help. */
export function helpText(): string {
  const groups = Object.entries(families).map(([title, family]) => {
    return `${title}:\n${optionRows(family)}`
  })
  const idle = [...options].filter(([, { noEffect }]) => noEffect !== undefined)
  return `tetragon: reports processes that start and end, and events of policies, as JSON lines

Usage: tetragon [options]
       tetragon compile FILE...    show the programs that policies compile to
       tetragon kernel describe    write a description of this kernel, for compile and validate

${groups.join('\n')}
Accepted for compatibility, without effect:
  ${wrapText(idle.map(([name]) => name).join(', '), idleWidth).join('\n  ')}

Options are also read from environment variables (TETRAGON_EXPORT_FILENAME=FILE), from files named
like the option in --config-dir and /etc/tetragon/tetragon.conf.d, and from
/etc/tetragon/tetragon.yaml.

Examples:
  tetragon | tetra getevents -o compact          show events live
  tetragon --export-filename /var/log/tetragon.log
  tetra getevents -o compact                     show events of a running agent
`
}
