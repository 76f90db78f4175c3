import type { Option } from './option.ts'

/** Width of the option column, and of the text. */
const nameWidth = 42
const textWidth = 58

/** Lines of a help text about options; those without effect are omitted. */
export function optionRows(options: Readonly<Record<string, Option<unknown>>>): string {
  return Object.entries(options)
    .filter(([, { noEffect }]) => noEffect === undefined)
    .map(([name, option]) => row(name, option))
    .join('')
}

function row(name: string, { short, value, help, default: initial }: Option<unknown>): string {
  const dash = short === undefined ? '    ' : `-${short}, `
  const start = `  ${dash}--${name}${value === '' ? '' : ` ${value}`}`
  const note = ['', 'false', '0'].includes(initial) ? '' : ` (${initial})`
  const lines = wrapText(`${help}${note}`)
  const first = start.length < nameWidth ? start.padEnd(nameWidth) : `${start}\n${indent}`
  return `${first}${lines.join(`\n${indent}`)}\n`
}

const indent = ' '.repeat(nameWidth)

/** Lines with at most this number of columns. */
export function wrapText(text: string, width = textWidth): string[] {
  const lines = ['']
  for (const word of text.split(' ')) {
    const last = lines[lines.length - 1]
    if (last === '') lines[lines.length - 1] = word
    else if (last.length + 1 + word.length > width) lines.push(word)
    else lines[lines.length - 1] = `${last} ${word}`
  }
  return lines
}
