/** A text of RFC 7468. */
export function pemOf(label: string, bytes: ArrayBuffer): string {
  const lines = Buffer.from(bytes)
    .toString('base64')
    .replace(/.{64}(?=.)/g, '$&\n')
  return `-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`
}

/** The bytes of the first part with this label. @throws Error */
export function bytesOfPem(label: string, text: string): ArrayBuffer {
  const begin = `-----BEGIN ${label}-----`
  const from = text.indexOf(begin)
  const to = text.indexOf(`-----END ${label}-----`, from)
  if (from < 0 || to < 0) throw new Error(`expected PEM with ${label}`)
  return Uint8Array.from(Buffer.from(text.slice(from + begin.length, to), 'base64')).buffer
}

/** The certificates of a text. */
export function certificatesOf(text: string): string[] {
  return text.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----\n?/g) ?? []
}
