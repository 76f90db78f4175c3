/**
 * Columns of a new line after a line: those of its field, two more if the value is to follow.
 * @param line the last line that is not blank
 */
export function indentAfter(line: string): number {
  const [start] = /^\s*(?:-\s+)*/.exec(line) ?? ['']
  const isOpen = /:\s*(?:#.*)?$/.test(line)
  return start.length + (isOpen ? 2 : 0)
}
