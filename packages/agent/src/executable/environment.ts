/** Variables that the agent reads; bin/tetragon.js has the same list. */
const own =
  /^(PATH|TETRAGON_\w*|NODE_NAME|HUBBLE_NODE_NAME|KUBERNETES_SERVICE_(HOST|PORT)|NOTIFY_SOCKET)$/

/** Prefixes of those that Node.js, OpenSSL or the C library has read before the first line here. */
const readAtStart = /^(NODE_|OPENSSL_|SSL_|UV_|ICU_|LD_|MALLOC_|GLIBC_|GCONV_)/

/** One heap of the C library for all threads: one each would keep 3 MiB more. */
const fixed = { MALLOC_ARENA_MAX: '1' }

type Environment = Readonly<Record<string, string | undefined>>

/** The environment of the agent: files that variables name are neither loaded nor written. */
export function agentEnvironment(given: Environment): Record<string, string> {
  const kept = Object.entries(given).filter(([name]) => own.test(name)) as [string, string][]
  return { ...Object.fromEntries(kept), ...fixed }
}

/** Whether the process must be started again, since it began with other variables. */
export function needsNewProcess(given: Environment): boolean {
  const clean = agentEnvironment(given)
  const differs = (name: string) => readAtStart.test(name) && given[name] !== clean[name]
  return [...Object.keys(given), ...Object.keys(fixed)].some(differs)
}
