#!/bin/sh
':' /*
# The shell runs the lines up to `exec`; to Node.js they are a comment.
# Node.js opens its debugger's port on SIGUSR1 before any script runs, and loads or writes files
# that variables name (NODE_OPTIONS, NODE_EXTRA_CA_CERTS, NODE_V8_COVERAGE, OPENSSL_CONF, HOME, …).
# It therefore gets an address that cannot be bound, since no interface has a slash in its name, and
# only the variables that the agent itself reads.
set -f
IFS='
'
for line in $(export -p); do
  name=${line#export }
  name=${name%%=*}
  case $name in
    PATH | TETRAGON_* | NODE_NAME | HUBBLE_NODE_NAME | KUBERNETES_SERVICE_HOST | \
      KUBERNETES_SERVICE_PORT | NOTIFY_SOCKET | '' | [0-9]* | *[!A-Za-z0-9_]*) ;;
    *) unset "$name" ;;
  esac
done
# One heap of the C library for all threads: one each would keep 3 MiB more, and they seldom wait.
export MALLOC_ARENA_MAX=1
# The main thread works in bursts (policies, pods), and V8 keeps the memory of the largest one.
set -- --max-semi-space-size=4 --no-global-search-paths "$0" "$@"
exec node --inspect-port='[fe80::1%/]:9229' "$@"
*/

const { writeSync } = require('node:fs')
const { join } = require('node:path')
const { setFlagsFromString } = require('node:v8')
const { bundle } = require('./load-bundle.js')

/** Another thread of Node.js opens the debugger: on a busy machine some time after the signal. */
const debuggerCheckMs = 100

/**
 * For `node tetragon.js`, where Node.js has handled SIGUSR1 up to here. A debugger that is open may
 * have a client already: only SIGKILL ends the process without running what that client sends.
 */
function refuseDebugger() {
  process.on('SIGUSR1', () => {})
  killIfDebugged()
  setInterval(killIfDebugged, debuggerCheckMs).unref()
}

function killIfDebugged() {
  if (require('node:inspector').url() === undefined) return
  writeSync(
    2,
    'tetragon: start agent: SIGUSR1 opened a debugger; start bin/tetragon.js without node\n',
  )
  process.kill(process.pid, 'SIGKILL')
}

function load() {
  try {
    return bundle(join(__dirname, '..', 'bundle'))('start')
  } catch (error) {
    if (error.code !== 'ENOENT') throw error
    console.error('tetragon: not built yet; run: npm run build')
    process.exitCode = 1
  }
}

// The heap of this thread has its limit; with the option, V8 refuses what was compiled without it.
setFlagsFromString('--max-semi-space-size=0')
if (!process.execArgv.some((option) => option.startsWith('--inspect'))) refuseDebugger()
load()?.start(process.argv.slice(2))
