import { families, options } from './families/index.ts'
import type { Option } from './option.ts'

/** Width of the option column, and of the text. */
const nameWidth = 42
const textWidth = 58

/** The text of --help. */
export function helpText(): string {
  const groups = Object.entries(families).map(([title, family]) => {
    const rows = Object.entries<Option<unknown>>(family)
      .filter(([, { noEffect }]) => noEffect === undefined)
      .map(([name, option]) => row(name, option))
    return `${title}:\n${rows.join('')}`
  })
  const idle = [...options].filter(([, { noEffect }]) => noEffect !== undefined)
  return `tetragon: reports processes that start and end, and events of policies, as JSON lines

Usage: tetragon [options]
       tetragon compile FILE...    show the programs that policies compile to

${groups.join('\n')}
Accepted for compatibility, without effect:
  ${wrap(idle.map(([name]) => name).join(', '), nameWidth + textWidth - 2).join('\n  ')}

Options are also read from environment variables (TETRAGON_EXPORT_FILENAME=FILE), from files named
like the option in --config-dir and /etc/tetragon/tetragon.conf.d, and from
/etc/tetragon/tetragon.yaml.

Examples:
  tetragon | tetra getevents -o compact          show events live
  tetragon --export-filename /var/log/tetragon.log
  tetra getevents -o compact                     show events of a running agent
`
}

function row(name: string, { short, value, help, default: initial }: Option<unknown>): string {
  const dash = short === undefined ? '    ' : `-${short}, `
  const start = `  ${dash}--${name}${value === '' ? '' : ` ${value}`}`
  const note = ['', 'false', '0'].includes(initial) ? '' : ` (${initial})`
  const lines = wrap(`${help}${note}`)
  const first = start.length < nameWidth ? start.padEnd(nameWidth) : `${start}\n${indent}`
  return `${first}${lines.join(`\n${indent}`)}\n`
}

const indent = ' '.repeat(nameWidth)

function wrap(text: string, width = textWidth): string[] {
  const lines = ['']
  for (const word of text.split(' ')) {
    const last = lines[lines.length - 1]
    if (last === '') lines[lines.length - 1] = word
    else if (last.length + 1 + word.length > width) lines.push(word)
    else lines[lines.length - 1] = `${last} ${word}`
  }
  return lines
}
