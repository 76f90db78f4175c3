/**
 * Joins a program's arguments (argv without argv[0]) to the `arguments` field of a process, as the
 * original does: separated by blanks, but without a blank for empty arguments at the start. One
 * that contains a blank is put in quotes, with a blank in front even if it is the first. Quotes
 * inside of an argument are not escaped.
 */
export function joinArguments(args: readonly string[]): string {
  let joined = ''
  for (let i = 0; i < args.length; i++) {
    if (args[i].includes(' ')) joined += ` "${args[i]}"`
    else joined += joined === '' ? args[i] : ` ${args[i]}`
  }
  return joined
}
