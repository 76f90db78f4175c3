/**
 * Environment variables that make programs load code, run commands, use another proxy, or forget
 * what they did. Names that end with `*` stand for all that begin so.
 */
const watched = [
  // The dynamic linker and the C library: ld.so(8).
  ...['LD_AUDIT', 'LD_DEBUG', 'LD_DEBUG_OUTPUT', 'LD_DYNAMIC_WEAK', 'LD_LIBRARY_PATH'],
  ...['LD_ORIGIN_PATH', 'LD_PRELOAD', 'LD_PROFILE', 'LD_PROFILE_OUTPUT', 'LD_SHOW_AUXV'],
  ...['LD_TRACE_LOADED_OBJECTS', 'LD_USE_LOAD_BIAS'],
  ...['GCONV_PATH', 'GETCONF_DIR', 'GLIBC_TUNABLES', 'HOSTALIASES', 'LOCALDOMAIN', 'RES_OPTIONS'],
  // Shells.
  ...['BASHOPTS', 'BASH_ENV', 'BASH_FUNC_*', 'ENV', 'IFS', 'PROMPT_COMMAND', 'PS4'],
  ...['HIST*', 'ZDOTDIR'],
  // Interpreters and runtimes.
  ...['PYTHONHOME', 'PYTHONPATH', 'PYTHONSTARTUP', 'PYTHONUSERBASE'],
  ...['PERL5DB', 'PERL5LIB', 'PERL5OPT', 'PERLLIB', 'RUBYLIB', 'RUBYOPT', 'LUA_INIT', 'PHPRC'],
  ...['PHP_INI_SCAN_DIR', 'NODE_OPTIONS', 'NODE_PATH'],
  ...['JAVA_TOOL_OPTIONS', 'JDK_JAVA_OPTIONS', '_JAVA_OPTIONS'],
  ...['CORECLR_PROFILER', 'CORECLR_PROFILER_PATH', 'DOTNET_STARTUP_HOOKS'],
  // Programs that other programs start.
  ...['GIT_ASKPASS', 'GIT_EXTERNAL_DIFF', 'GIT_PROXY_COMMAND', 'GIT_SSH', 'GIT_SSH_COMMAND'],
  ...['SSH_ASKPASS', 'SUDO_ASKPASS'],
  // Certificates and keys.
  ...['CURL_CA_BUNDLE', 'NODE_EXTRA_CA_CERTS', 'NODE_TLS_REJECT_UNAUTHORIZED', 'OPENSSL_CONF'],
  ...['OPENSSL_ENGINES', 'OPENSSL_MODULES', 'REQUESTS_CA_BUNDLE', 'SSLKEYLOGFILE'],
  ...['SSL_CERT_DIR', 'SSL_CERT_FILE'],
  // Proxies.
  ...['ALL_PROXY', 'FTP_PROXY', 'HTTPS_PROXY', 'HTTP_PROXY'],
  ...['all_proxy', 'ftp_proxy', 'http_proxy', 'https_proxy'],
]

const isPrefix = (name: string): boolean => name.endsWith('*')
const names: ReadonlySet<string> = new Set(watched.filter((name) => !isPrefix(name)))
const prefixes = watched.filter(isPrefix).map((name) => name.slice(0, -1))

/** Whether a variable of this name is watched. */
export function isWatched(name: string): boolean {
  return names.has(name) || prefixes.some((prefix) => name.startsWith(prefix))
}

/** Bytes of a variable in a record: longer names are cut off. */
export const variableSize = 32

/**
 * Factors whose products with the first four bytes of a name give its bits in the filter. With
 * these, no usual other variable passes.
 */
export const filterFactors = [0x535c_8ea9, 0x8f7b_1bad] as const
/** The bit is in the product from here: in a filter of 512 bits. */
export const filterShift = 23

/**
 * A Bloom filter of the first four bytes of watched variables, as 64-bit numbers: the kernel side
 * drops nearly all others by it, without a branch.
 */
export const variableFilter: readonly bigint[] = makeFilter()

function makeFilter(): bigint[] {
  const words = new BigUint64Array(8)
  for (const name of watched) {
    const start = Buffer.from(`${name.replace('*', '')}=`).readUInt32LE()
    for (const factor of filterFactors) {
      const bit = Math.imul(start, factor) >>> filterShift
      words[bit >>> 6] |= 1n << BigInt(bit & 63)
    }
  }
  return [...words]
}
