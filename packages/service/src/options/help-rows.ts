import type { Option, Options } from './option.ts'

/** Columns of a help text, and the maximum for the names of options. */
const columns = 100
const nameWidthMax = 42

/** The width of the column with the names of options: for the longest one, within a limit. */
export function nameWidthOf(options: Options): number {
  const widths = shown(options).map(([name, option]) => nameOf(name, option).length + 2)
  return Math.min(nameWidthMax, Math.max(0, ...widths))
}

/** Lines of a help text about options; those without effect and hidden ones are omitted. */
export function optionRows(options: Options, nameWidth = nameWidthMax): string {
  return shown(options)
    .map(([name, option]) => helpRow(nameOf(name, option), optionText(option), nameWidth))
    .join('')
}

/** A line of two columns; a long text continues below its start. */
export function helpRow(name: string, text: string, nameWidth: number): string {
  const indent = `\n${' '.repeat(nameWidth)}`
  const first = name.length < nameWidth ? name.padEnd(nameWidth) : `${name}${indent}`
  return `${first}${wrapText(text, columns - nameWidth).join(indent)}\n`
}

function shown(options: Options): [string, Option<unknown>][] {
  return Object.entries(options).filter(([, { noEffect, hidden }]) => !noEffect && !hidden)
}

function nameOf(name: string, { short, value }: Option<unknown>): string {
  const dash = short === undefined ? '    ' : `-${short}, `
  return `  ${dash}--${name}${value === '' ? '' : ` ${value}`}`
}

/**
 * The help of an option with its choices and default.
 * @param listsAll whether the choices of lists are named, too: they are many
 */
export function optionText(
  { kind, choices, help, default: initial }: Option<unknown>,
  listsAll = false,
): string {
  const notes = [
    ...(choices === undefined || (kind === 'list' && !listsAll) ? [] : [choices.join(', ')]),
    ...(['', 'false', '0'].includes(initial) ? [] : [`default ${initial}`]),
  ]
  return notes.length === 0 ? help : `${help} (${notes.join('; ')})`
}

/** Lines with at most this number of columns. */
export function wrapText(text: string, width: number): string[] {
  const lines = ['']
  for (const word of text.split(' ')) {
    const last = lines[lines.length - 1]
    if (last === '') lines[lines.length - 1] = word
    else if (last.length + 1 + word.length > width) lines.push(word)
    else lines[lines.length - 1] = `${last} ${word}`
  }
  return lines
}
