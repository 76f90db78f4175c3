/**
 * Joins a program's arguments (argv without argv[0]) to the `arguments` field of a process. The
 * arguments are separated by blanks; one that holds a blank is put in quotes, with a blank before
 * it even when it is the first. Quotes inside of an argument are not escaped.
 */
export function joinArguments(args: readonly string[]): string {
  let joined = ''
  for (let i = 0; i < args.length; i++) {
    if (args[i].includes(' ')) joined += ` "${args[i]}"`
    else joined += i === 0 ? args[i] : ` ${args[i]}`
  }
  return joined
}
