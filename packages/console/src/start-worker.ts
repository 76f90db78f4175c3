interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL: (text: string) => string },
  ): { createScriptURL(text: string): string }
}

/** Workers: of the events, and of checks for kernels. */
type WorkerName = 'worker' | 'kernel-worker'

const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes }
const policy = trustedTypes?.createPolicy('tetra-console', {
  createScriptURL: (name) => addressOf(name as WorkerName),
})

/** The page itself names the files of its workers, as it names that of this script. */
function addressOf(name: WorkerName): string {
  return document.querySelector<HTMLMetaElement>(`meta[name=${name}]`)?.content ?? ''
}

/**
 * Starts a worker. The server's policy permits only these addresses of scripts.
 * @param options its name is known to the worker
 */
export function startWorker(name: WorkerName, options: { readonly name?: string } = {}): Worker {
  const address = policy?.createScriptURL(name) ?? addressOf(name)
  return new Worker(address, { type: 'module', ...options })
}
