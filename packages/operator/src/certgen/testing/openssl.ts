import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Makes the certificate of an authority with OpenSSL. @param key PEM @returns PEM */
export function openssl(key: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'tetragon-authority-'))
  try {
    const file = join(folder, 'ca.key')
    writeFileSync(file, key, { mode: 0o600 })
    const args = ['req', '-x509', '-new', '-key', file, '-subj', '/CN=mine', '-days', '999']
    return execFileSync('openssl', args, { encoding: 'utf8' })
  } finally {
    rmSync(folder, { recursive: true })
  }
}
