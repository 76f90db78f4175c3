import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { PolicyError } from '@tetragon-ts/agent'
import { isFull, PolicyRun, partHere } from '@tetragon-ts/agent/testing'
import { Btf } from '@tetragon-ts/ebpf/btf'
import { probe } from '@tetragon-ts/ebpf/features'
import { readFunctionNames } from '@tetragon-ts/ebpf/kallsyms'
import { workload } from '@tetragon-ts/test/workloads'

// The kernel hands NULL and worse to LSM hooks, and what it promises the verifier is not always so.
// A program that believes it brings the machine down: so all hooks are watched, with all that they
// get.

const btf = Btf.open()
const argumentsMax = 5
/** Argument types by the structure that a parameter points at. */
const pointers: Readonly<Record<string, string>> = {
  file: 'file',
  path: 'path',
  dentry: 'dentry',
  linux_binprm: 'linux_binprm',
  cred: 'cred',
  ...{
    sock: 'sock',
    socket: 'socket',
    user_namespace: 'user_namespace',
    sk_buff: 'skb',
    kiocb: 'kiocb',
  },
  sockaddr: 'sockaddr',
  bpf_map: 'bpf_map',
  bpf_prog: 'bpf_prog',
  char: 'string',
}

/** What an ordinary machine does in a while. */
const script = `
  mkdir -p sweep && cd sweep && cp /etc/passwd p && ln p q && ln -s p r && mv q s && chmod 600 s
  cat r > /dev/null; chown 1 s; rm p s r; mkdir d; rmdir d; mkfifo f; rm f; find /usr/share -maxdepth 2
  sleep 9 & kill -9 $!; mount -t tmpfs none . && umount .; unshare -m -p -f true; nice -n 5 true
  chroot / true; cat /proc/sys/kernel/pid_max /proc/self/maps; setpriv --reuid 1000 true; ulimit -n 99
  {trigger} mmap 1 4096 -- memfd m -- tcp 127.0.0.1 4444 x -- unix u x
  exit 0`

/** A policy of the hook with an argument of the best type for each parameter. */
function policy(hook: string): string {
  const parameters = btf.prototype(`bpf_lsm_${hook}`)?.params.slice(0, argumentsMax) ?? []
  const args = parameters.map(({ typeId }, index) => `{index: ${index}, type: ${typeOf(typeId)}}`)
  return `apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata: {name: ${hook.replaceAll('_', '-')}}
spec:
  lsmhooks:
  - hook: ${hook}
    args: [${args.join(', ')}]
`
}

function typeOf(typeId: number): string {
  const type = btf.type(btf.resolve(typeId))
  if (type.kind !== 'ptr') return 'size' in type && type.size === 8 ? 'uint64' : 'int'
  const to = btf.type(btf.resolve(type.typeId))
  return ('name' in to && pointers[to.name]) || 'uint64'
}

/** Names of the hooks that programs may be at. */
function hooks(): string[] {
  const names = [...readFunctionNames()].flatMap((name) => /^bpf_lsm_(\w+)$/.exec(name)?.[1] ?? [])
  return names.filter((name) => btf.prototype(`bpf_lsm_${name}`) !== undefined).sort()
}

/** Emulated processors are slow: each kernel watches every twelfth hook. A full run watches all. */
const [step, first] = isFull ? [1, 0] : [12, partHere(12)]
/** Hooks that the commands hit. */
const usual = ['file_open', 'mmap_file', 'inode_mkdir', 'sb_mount', 'task_kill']

describe('policies at LSM hooks', () => {
  let run: PolicyRun
  before(async () => {
    run = await PolicyRun.start()
  })
  after(() => run?.stop())

  it('leave the kernel alive, and see most of what an ordinary machine does', async (t) => {
    const { answer, reason } = probe('lsm')
    if (answer !== 'yes') return t.skip(`no lsm: ${reason}`)
    const loaded: Awaited<ReturnType<PolicyRun['load']>>[] = []
    for (const hook of hooks().filter((name, i) => i % step === first || usual.includes(name))) {
      try {
        loaded.push(await run.load(policy(hook)))
      } catch (error) {
        // Some functions only look like hooks, and some hooks do not allow programs.
        if (!(error instanceof PolicyError)) throw error
      }
    }
    assert.ok(loaded.length > 150 / step, `${loaded.length} hooks`)
    const commands = script.replace('{trigger}', await workload('trigger'))
    const { pid, ended } = run.spawn('/bin/sh', ['-c', commands])
    await ended
    // Kernel threads hit hooks too, and are unknown processes.
    const seen = new Set<string>()
    for (let isOver = false, at = 0; !isOver; await sleep(20)) {
      for (const { key, body } of run.events.slice(at)) {
        at++
        if (key === 'process_lsm' && 'function_name' in body) seen.add(body.function_name ?? '')
        isOver ||= key === 'process_exit' && 'process' in body && body.process?.pid === pid
      }
    }
    for (const policy of loaded) await run.unload(policy)
    for (const hook of usual) {
      assert.ok(seen.has(hook), `${hook} is not among ${[...seen].join(', ')}`)
    }
  })
})
