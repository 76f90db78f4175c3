import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseEvent } from '../testing/index.ts'
import { compactPrinter } from './compact-printer.ts'

/**
 * The lines of a published walk-through of the original, in a pod of the demo app. Trailing blanks,
 * which the original prints after the process too, are lost in a published text.
 */
const pod = { namespace: 'default', name: 'xwing' }

function exec(binary: string, args = ''): object {
  return { process_exec: { process: { binary, arguments: args, pod } } }
}

function exit(binary: string, args: string, status?: number): object {
  return { process_exit: { process: { binary, arguments: args, pod }, status } }
}

function hook(function_name: string, args: object[], binary = '/usr/bin/curl'): object {
  return { process_kprobe: { process: { binary, pod }, function_name, args } }
}

function file(path: string): object {
  return { file_arg: { path } }
}

const sock = {
  sock_arg: {
    family: 'AF_INET',
    saddr: '10.244.0.9',
    sport: 34362,
    daddr: '142.250.207.110',
    dport: 80,
  },
}
const server = '--host  --port 80 --watch /default.json --middlewares /middleware.js'
const jsonServer = '/usr/local/bin/json-server'

const shown: [object, string][] = [
  [
    exec('/kind/bin/mount-product-files.sh', '/kind/bin/mount-product-files.sh'),
    '🚀 process default/xwing /kind/bin/mount-product-files.sh /kind/bin/mount-product-files.sh',
  ],
  [exec('/usr/bin/jq', '-r .bundle'), '🚀 process default/xwing /usr/bin/jq -r .bundle'],
  [exit('/usr/bin/jq', '-r .bundle'), '💥 exit    default/xwing /usr/bin/jq -r .bundle 0'],
  [exec('/usr/bin/bash', '/run.sh'), '🚀 process default/xwing /usr/bin/bash /run.sh'],
  [
    exec('/usr/bin/tini', `-- ${jsonServer} ${server}`),
    '🚀 process default/xwing /usr/bin/tini -- /usr/local/bin/json-server --host  --port 80 ' +
      '--watch /default.json --middlewares /middleware.js',
  ],
  [
    exec(jsonServer, `node ${jsonServer} ${server}`),
    '🚀 process default/xwing /usr/local/bin/json-server node /usr/local/bin/json-server --host  ' +
      '--port 80 --watch /default.json --middlewares /middleware.js',
  ],
  [exec('/usr/bin/curl', 'google.com'), '🚀 process default/xwing /usr/bin/curl google.com'],
  [
    hook('fd_install', [{ int_arg: 3 }, file('/etc/ld.so.cache')]),
    '📬 open    default/xwing /usr/bin/curl /etc/ld.so.cache',
  ],
  [hook('__x64_sys_close', [{ int_arg: 3 }]), '📪 close   default/xwing /usr/bin/curl'],
  [hook('__x64_sys_close', [file('')]), '📪 close   default/xwing /usr/bin/curl'],
  [
    hook('__x64_sys_read', [file('/etc/passwd'), { bytes_arg: 'AA==' }, { size_arg: '4096' }]),
    '📚 read    default/xwing /usr/bin/curl /etc/passwd 4096 bytes',
  ],
  [
    hook('tcp_connect', [sock]),
    '🔌 connect default/xwing /usr/bin/curl tcp 10.244.0.9:34362 -> 142.250.207.110:80',
  ],
  [
    hook('tcp_sendmsg', [sock, { int_arg: 74 }]),
    '📤 sendmsg default/xwing /usr/bin/curl tcp 10.244.0.9:34362 -> 142.250.207.110:80 bytes 74',
  ],
  [
    hook('tcp_close', [sock]),
    '🧹 close   default/xwing /usr/bin/curl tcp 10.244.0.9:34362 -> 142.250.207.110:80',
  ],
  [exit('/usr/bin/curl', 'google.com'), '💥 exit    default/xwing /usr/bin/curl google.com 0'],
  [exec('/usr/bin/sh'), '🚀 process default/xwing /usr/bin/sh'],
  [exit('/usr/bin/sh', '', 130), '💥 exit    default/xwing /usr/bin/sh  130'],
]

test('the lines of the walk-through are printed exactly', () => {
  const print = compactPrinter({ stackTraces: true, imaHash: true })
  for (const [value, line] of shown) {
    const parsed = parseEvent(JSON.stringify({ ...value, node_name: 'kind-control-plane' }))
    assert.ok(parsed.ok)
    assert.equal(print(parsed.event).replace(/ ?\n$/, ''), line)
  }
})
