const unsafe = /[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g
const blanks = /[\t\r]/g

function escapeUnit(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}

/**
 * Makes one line of valid JSON safe for a terminal without changing its meaning. JSON strings may
 * contain some control characters and bidirectional controls: they become `\uXXXX`. Tabs and
 * carriage returns, allowed only between values, become blanks.
 */
export function terminalJson(line: string): string {
  return line.replace(unsafe, escapeUnit).replace(blanks, ' ')
}
