/**
 * Names of the functions in the text of available_filter_functions of tracefs: those that ftrace
 * can trace. Lines are `NAME`, and for modules `NAME [MODULE]`.
 */
export function parseTraceable(text: string): string[] {
  return text.split('\n').flatMap((line) => {
    const [name] = line.split(' ', 1)
    return name === '' ? [] : [name]
  })
}
