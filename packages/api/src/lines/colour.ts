/** The colours of the compact output. */
export type Colour = 'red' | 'green' | 'yellow' | 'blue' | 'magenta' | 'cyan'

/** Wraps text in the escape sequences of a colour, or returns it unchanged if colours are off. */
export type Paint = (colour: Colour, text: string) => string

const codes: Record<Colour, number> = {
  red: 31,
  green: 32,
  yellow: 33,
  blue: 34,
  magenta: 35,
  cyan: 36,
}

/** Paints with ANSI escape sequences, empty text too (the width of lines depends on it). */
export const ansiPaint: Paint = (colour, text) => `\x1b[${codes[colour]}m${text}\x1b[0m`

/** Does not paint. */
export const noPaint: Paint = (_colour, text) => text
