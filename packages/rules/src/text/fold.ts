/**
 * Folds the case of a text, so that two texts that differ in case only are equal. Independent of
 * the characters around: the final form of sigma is the same as the others. `ſ` is an `s`, as in
 * regular expressions that ignore case.
 */
export function fold(text: string): string {
  const lower = text.toLowerCase()
  return isAscii(lower) ? lower : lower.replace(/[ςſ]/g, (letter) => (letter === 'ς' ? 'σ' : 's'))
}

/** Whether each character is below 128. */
export function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 127) return false
  return true
}
