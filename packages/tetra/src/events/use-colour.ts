/** Whether to print colours, as `--color` says. @param terminal whether the output is one */
export function useColour(choice: string, terminal: boolean): boolean {
  if (choice !== 'auto') return choice === 'always'
  return terminal && !process.env.NO_COLOR && process.env.TERM !== 'dumb'
}
