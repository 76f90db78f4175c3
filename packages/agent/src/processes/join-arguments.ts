/**
 * Joins a program's arguments (argv without argv[0]) to the `arguments` field of a process, as the
 * original does: separated by blanks, but without a blank for leading empty arguments. An argument
 * that contains a blank is quoted, with a leading blank even if it is the first. Quotes inside
 * arguments are not escaped.
 */
export function joinArguments(args: readonly string[]): string {
  let joined = ''
  for (let i = 0; i < args.length; i++) {
    if (args[i].includes(' ')) joined += ` "${args[i]}"`
    else joined += joined === '' ? args[i] : ` ${args[i]}`
  }
  return joined
}
