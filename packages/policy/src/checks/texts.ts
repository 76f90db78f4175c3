import { quote } from '@tetragon-ts/api'
import type { Check } from './check.ts'

const shortest = 2
const longestMessage = 256
const longestTag = 128

/** The first `length` bytes of a text, without a torn character at the end. */
function cut(text: string, length: number): string {
  const bytes = Buffer.from(text).subarray(0, length)
  let kept = bytes.length
  // A byte of the form 10xxxxxx continues a character.
  if (Buffer.byteLength(text) > length) {
    while (kept > 0 && (Buffer.from(text)[kept] & 0xc0) === 0x80) kept--
  }
  return bytes.subarray(0, kept).toString()
}

function checkText(
  text: string,
  path: string,
  what: string,
  longest: number,
  { findings }: Check,
): string {
  const length = Buffer.byteLength(text)
  if (length < shortest) {
    findings.error(path, 'POLICY_TEXT', `the ${what} is shorter than ${shortest} bytes`)
  }
  if (length > longest) {
    const message = `the ${what} is longer than ${longest} bytes: the rest is cut off`
    findings.warning(path, 'POLICY_TEXT', message)
  }
  return quote(cut(text, longest)).slice(1, -1)
}

/** Checks a hook's message: cut to 256 bytes, control characters and quotes escaped. */
export function checkMessage(message: string | undefined, at: string, check: Check): string {
  if (message === undefined || message === '') return ''
  return checkText(message, `${at}.message`, 'message', longestMessage, check)
}

/** Checks a hook's tags: each cut to 128 bytes, control characters and quotes escaped. */
export function checkTags(tags: readonly string[], at: string, check: Check): string[] {
  return tags.map((tag, i) => checkText(tag, `${at}.tags[${i}]`, 'tag', longestTag, check))
}
