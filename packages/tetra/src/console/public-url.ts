import { hostText, type ListenAddress } from '@tetragon-ts/service/listen'
import { UsageError } from '../usage-error.ts'

const number = '(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])'
const label = '[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?'
/** A name whose last part is not a number, an IPv4 or an IPv6 address. */
const host = [
  `(${label}\\.)*[A-Za-z]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?`,
  `${number}(\\.${number}){3}`,
  '\\[[0-9A-Fa-f:]{2,39}\\]',
].join('|')
const ownHost = `localhost|127(\\.${number}){3}|\\[::1\\]`
const port = '(:([0-9]{1,4}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]))?'

/**
 * Regular expression of the addresses that browsers may open: origins with TLS, and without it
 * those of this machine. The Helm chart has the same one, so its syntax is that of RE2, too. It
 * cannot say whether an IPv6 address is well formed.
 */
export const publicUrlForm = `^(https://(${host})|http://(${ownHost}))${port}/?$`

const form = new RegExp(publicUrlForm)
/** All addresses of the machine: browsers need another name. */
const wildcards: readonly string[] = ['0.0.0.0', '::']

/** Parses the option --public-url. @returns undefined: it is not given @throws UsageError */
export function parsePublicUrl(text: string, listen: ListenAddress): URL | undefined {
  if (text === '') {
    if (listen.kind === 'unix') {
      throw new UsageError('--listen unix: needs --public-url: the address that browsers open')
    }
    if (wildcards.includes(listen.host)) {
      throw new UsageError(
        `--listen ${hostText(listen.host)} needs --public-url: the address to open`,
      )
    }
    return undefined
  }
  if (form.test(text) && URL.canParse(text)) return new URL(text)
  const isOther = text.startsWith('http:') && form.test(text.replace('http:', 'https:'))
  throw new UsageError(
    isOther
      ? `parse --public-url: "${text}" is not https: only addresses of this machine can do without`
      : `parse --public-url: "${text}" is not https://HOST or https://HOST:PORT`,
  )
}
