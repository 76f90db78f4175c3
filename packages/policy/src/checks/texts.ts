import { quote, utf8Length } from '@tetragon-ts/api'
import type { Check } from '../arguments/check.ts'

const shortest = 2
const longestMessage = 256
const longestTag = 128

/** The first `length` bytes of a text in UTF-8, without a partial character at the end. */
function cut(text: string, length: number): string {
  let kept = ''
  let bytes = 0
  for (const character of text.toWellFormed()) {
    bytes += utf8Length(character)
    if (bytes > length) break
    kept += character
  }
  return kept
}

function checkText(
  text: string,
  path: string,
  what: string,
  longest: number,
  { findings }: Check,
): string {
  const length = utf8Length(text)
  if (length < shortest) {
    findings.error(path, 'POLICY_TEXT', `the ${what} is shorter than ${shortest} bytes`)
  }
  if (length > longest) {
    const message = `the ${what} is longer than ${longest} bytes: it is truncated`
    findings.warning(path, 'POLICY_TEXT', message)
  }
  return quote(cut(text, longest)).slice(1, -1)
}

/** Checks a hook's message: truncated to 256 bytes, control characters and quotes escaped. */
export function checkMessage(message: string | undefined, at: string, check: Check): string {
  if (message === undefined) return ''
  return checkText(message, `${at}.message`, 'message', longestMessage, check)
}

/** Checks a hook's tags: each truncated to 128 bytes, control characters and quotes escaped. */
export function checkTags(tags: readonly string[], at: string, check: Check): string[] {
  return tags.map((tag, i) => checkText(tag, `${at}.tags[${i}]`, 'tag', longestTag, check))
}
