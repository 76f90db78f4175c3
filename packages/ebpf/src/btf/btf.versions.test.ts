import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { before, describe, test } from 'node:test'
import { Btf } from './btf.ts'
import { BtfError } from './error.ts'

/** An emulated processor needs half a minute for all: all kinds of types are among the others. */
const step = process.env.TETRAGON_TEST_KERNEL === undefined ? 1 : 5

let probe: string | false = false
try {
  Btf.open()
} catch (error) {
  if (!(error instanceof BtfError) || error.code !== 'EBPF_BTF_READ') throw error
  probe = error.message
}

describe('BTF of the running kernel', { skip: probe }, () => {
  let btf: Btf
  const struct = (name: string) => btf.find(name, 'struct') ?? assert.fail(`no struct ${name}`)

  before(() => {
    btf = Btf.open()
  })

  test('every type decodes, and every name finds a type of that name and kind', () => {
    assert.ok(btf.endId > 10_000)
    for (let id = 0; id < btf.endId; id += step) {
      const type = btf.type(id)
      assert.equal(btf.kind(id), type.kind)
      if (!('name' in type) || type.name === '' || id % 50 !== 0) continue
      const found = btf.find(type.name, type.kind)
      assert.ok(found !== undefined && found <= id, type.name)
      const first = btf.type(found)
      assert.equal('name' in first && first.name, type.name)
    }
  })

  test('released types are read again, with the same ids', () => {
    const task = struct('task_struct')
    const shared = Btf.open()
    btf.release()
    assert.equal(Btf.open(), shared)
    assert.equal(btf.describe(task), 'struct task_struct')
    shared.release()
    assert.equal(struct('task_struct'), task)
  })

  test('members of task_struct', () => {
    const task = struct('task_struct')
    const tgid = btf.member(task, 'tgid') ?? assert.fail()
    const pid = btf.member(task, 'pid') ?? assert.fail()
    assert.equal(tgid.bitOffset, pid.bitOffset + 32)
    assert.equal(btf.describe(tgid.typeId), 'pid_t')
    assert.equal(btf.sizeOf(tgid.typeId), 4)
    const comm = btf.memberPath(task, 'comm')
    assert.equal(btf.describe(comm.typeId), 'char [16]')
    assert.equal(btf.memberPath(task, 'comm[3]').bitOffset, comm.bitOffset + 24)
    const parent = btf.memberPath(task, 'real_parent')
    assert.match(btf.describe(parent.typeId), /^struct task_struct \*$/)
    assert.throws(() => btf.memberPath(task, 'real_parent.pid'), {
      code: 'EBPF_BTF_NO_MEMBER',
      member: 'pid',
    })
  })

  test('bit fields of task_struct', () => {
    const field = btf.member(struct('task_struct'), 'in_execve') ?? assert.fail()
    assert.equal(field.bitSize, 1)
    assert.equal(btf.sizeOf(field.typeId), 4)
  })

  test('addresses of a socket stand in anonymous unions of sock_common', () => {
    const sock = struct('sock')
    assert.equal(btf.memberPath(sock, '__sk_common.skc_daddr').bitOffset, 0)
    assert.equal(btf.memberPath(sock, '__sk_common.skc_rcv_saddr').bitOffset, 32)
    assert.equal(btf.memberPath(sock, '__sk_common.skc_dport').bitOffset, 96)
    assert.equal(btf.memberPath(sock, '__sk_common.skc_num').bitOffset, 112)
  })

  test('prototype of tcp_connect', () => {
    const proto = btf.prototype('tcp_connect') ?? assert.fail()
    assert.deepEqual(
      proto.params.map((it) => `${it.name}: ${btf.describe(it.typeId)}`),
      ['sk: struct sock *'],
    )
    assert.equal(btf.describe(proto.returnTypeId), 'int')
    assert.equal(btf.prototype('no_such_function'), undefined)
  })

  test('prototype of the tracepoint sched_process_exec', () => {
    const proto = btf.tracepointPrototype('sched_process_exec') ?? assert.fail()
    assert.deepEqual(
      proto.params.map((it) => `${it.name}: ${btf.describe(it.typeId)}`),
      ['p: struct task_struct *', 'old_pid: pid_t', 'bprm: struct linux_binprm *'],
    )
    assert.equal(btf.tracepointPrototype('no_such_tracepoint'), undefined)
  })

  test('enumerators', () => {
    assert.equal(btf.enumerator('BPF_MAP_TYPE_RINGBUF'), 27)
    assert.equal(btf.enumerator('PIDTYPE_PID'), 0)
    assert.equal(btf.enumerator('NO_SUCH_ENUMERATOR'), undefined)
  })

  test('functions are listed', () => {
    const names = new Set(btf.functions())
    assert.ok(names.has('tcp_connect') && names.has('vfs_read'))
    assert.ok(names.size > 10_000)
  })

  test('BTF of the modules stands on that of the kernel', (t) => {
    const modules = readdirSync('/sys/kernel/btf').filter((it) => it !== 'vmlinux')
    if (modules.length === 0) return t.skip('no file but vmlinux in /sys/kernel/btf')
    for (const name of modules) {
      const module = Btf.open(`/sys/kernel/btf/${name}`, btf)
      assert.equal(module.find('task_struct', 'struct'), struct('task_struct'))
      for (let id = btf.endId; id < module.endId; id++) {
        module.type(id)
        assert.notEqual(module.describe(id), '')
      }
    }
  })
})
