/**
 * A name or value of a policy may be a megabyte long and be repeated a thousand times by aliases.
 */
export function shortened(text: string, longest: number): string {
  return text.length <= longest ? text : `${text.slice(0, longest)}…`
}
