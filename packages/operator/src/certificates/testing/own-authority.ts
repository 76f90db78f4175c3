import { openssl } from './openssl.ts'

/** The system's one has extensions of its own. */
const configuration = '[req]\ndistinguished_name=dn\nprompt=no\n[dn]\n'

const authorityExtensions = ['basicConstraints=critical,CA:true', 'keyUsage=critical,keyCertSign']

/** A certificate of OpenSSL that differs from the default. */
export interface OwnAuthority {
  readonly subject?: string
  readonly extensions?: readonly string[]
  /** The signing authority; default: the certificate is signed by its own key. */
  readonly parent?: { readonly certificate: string; readonly key: string }
}

/** Makes the certificate of a user's authority. @param key PEM @returns PEM */
export function ownAuthority(
  key: string,
  { subject = '/CN=mine', extensions = authorityExtensions, parent }: OwnAuthority = {},
): string {
  const args = ['req', '-x509', '-config', 'cnf', '-key', 'key', '-subj', subject, '-days', '999']
  const signer = parent && ['-CA', 'parent.crt', '-CAkey', 'parent.key']
  const more = extensions.flatMap((extension) => ['-addext', extension])
  return openssl([...args, ...more, ...(signer ?? [])], {
    cnf: configuration,
    key,
    ...(parent && { 'parent.crt': parent.certificate, 'parent.key': parent.key }),
  })
}
