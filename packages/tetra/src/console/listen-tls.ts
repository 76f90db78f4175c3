import { readFileSync, unwatchFile, watchFile } from 'node:fs'
import { createSecureContext } from 'node:tls'
import { UsageError } from '../usage-error.ts'

/** Milliseconds between checks of the files. */
const pollMs = 5000

/** A certificate with its key, PEM. */
export interface TlsIdentity {
  readonly cert: Buffer
  readonly key: Buffer
}

/** The files of the options --listen-tls-cert-file and --listen-tls-key-file. */
export class TlsFiles {
  readonly identity: TlsIdentity
  readonly #paths: readonly [certificate: string, key: string]

  /** @returns undefined: without TLS @throws UsageError if they cannot be used */
  static of(certificate: string, key: string): TlsFiles | undefined {
    if ((certificate === '') !== (key === '')) {
      throw new UsageError(
        '--listen-tls-cert-file and --listen-tls-key-file must be given together',
      )
    }
    return certificate === '' ? undefined : new TlsFiles([certificate, key])
  }

  private constructor(paths: readonly [certificate: string, key: string]) {
    this.#paths = paths
    try {
      this.identity = this.#read()
    } catch (error) {
      const message = `parse --listen-tls-cert-file and --listen-tls-key-file`
      throw new UsageError(`${message}: ${(error as Error).message}`, { cause: error })
    }
  }

  #read(): TlsIdentity {
    const [cert, key] = this.#paths.map((path) => readFileSync(path))
    createSecureContext({ cert, key })
    return { cert, key }
  }

  /**
   * Reads the files again when they change. Files that are partly written are not used.
   * @returns ends that
   */
  follow(use: (identity: TlsIdentity) => void): () => void {
    const reload = (): void => {
      try {
        use(this.#read())
      } catch {
        // The certificate in use stays, until both files are complete.
      }
    }
    for (const path of this.#paths) {
      watchFile(path, { interval: pollMs, persistent: false }, reload)
    }
    return () => {
      for (const path of this.#paths) unwatchFile(path, reload)
    }
  }
}
