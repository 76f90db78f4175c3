const mask = '*****'

/** Suffixes of names of secrets; bounded, so that matching is always fast. */
const secret = String.raw`(?:passw(?:or)?d|passphrase|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credential)[\w.-]{0,40}`

/** Patterns of secrets; `$1` and `$2` are kept. */
const patterns: readonly RegExp[] = [
  /(-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----)[^-]*(-----END [A-Z ]{0,30}PRIVATE KEY-----)/g,
  // --password=x, PASSWORD=x, password: x, "password":"x", \"password\":\"x\"
  new RegExp(String.raw`(${secret}\\?"?\s*[=:]\s*\\?["']?)[^\s"'\\,;&]+()`, 'gi'),
  // --password x
  new RegExp(String.raw`((?<![\w-])--?[\w.-]{0,40}?${secret} +)[^\s"'\\-][^\s"'\\]*()`, 'gi'),
  /(\b(?:authorization\\?"?\s*[=:]\s*\\?["']?)?(?:bearer|basic) +)[\w.~+/=-]{8,}()/gi,
  // scheme://user:password@host
  /(\b[a-z][a-z0-9+.-]{0,20}:\/\/[^\s/:@"']{0,99}:)[^\s/@"']{1,999}(@)/gi,
]

/** Removes text that looks like a password, a token or a key. */
export function redact(text: string): string {
  return patterns.reduce((rest, pattern) => rest.replace(pattern, `$1${mask}$2`), text)
}
