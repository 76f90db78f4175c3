import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { argumentType, hasArgumentType, type NamesOfAddress } from '@tetragon-ts/compiler/hooks'
import { reader, record, recordMemory } from '@tetragon-ts/ebpf/records'
import { type ArgumentTypeName, argumentTypeNames } from '@tetragon-ts/policy'
import fc from 'fast-check'
import { ByteWriter } from '../../bytes/byte-writer.ts'

/** JSON of an argument with this fixed part and tail. */
function showBytes(
  name: ArgumentTypeName,
  fixed: Uint8Array,
  tail: Uint8Array,
  pieces?: Uint8Array,
  namesOf?: NamesOfAddress,
) {
  const { shape, json } = argumentType(name)
  const size = Math.ceil(fixed.length / 8) * 8
  const memory = recordMemory(new ArrayBuffer(size + tail.length + 8))
  memory.bytes.set(fixed)
  memory.bytes.set(tail, size)
  const fields = Object.keys(shape).length === 0 ? {} : reader(record('value', shape), memory)
  const out = new ByteWriter()
  json(out, { fields, bytes: memory.bytes, from: size, to: size + tail.length, pieces, namesOf })
  return JSON.parse(`{${out.bytes.toString('utf8', 0, out.length)}}`)
}

/** The same with the fixed part given by its fields. */
function show(
  name: ArgumentTypeName,
  fields: Record<string, number | bigint> = {},
  tail = '',
  pieces?: Uint8Array,
  namesOf?: NamesOfAddress,
) {
  const { shape } = argumentType(name)
  const size = Object.keys(shape).length === 0 ? 0 : record('value', shape).size
  const bytes = Buffer.alloc(size)
  if (size > 0) {
    const layout = record('value', shape)
    for (const [key, value] of Object.entries(fields)) {
      const { offset, type } = layout.field(key)
      assert.ok('size' in type)
      let rest = BigInt.asUintN(8 * type.size, BigInt(value))
      for (let at = offset; rest > 0n; rest >>= 8n) bytes[at++] = Number(rest & 0xffn)
    }
  }
  // A tail of binary data has one byte per character.
  const data = Buffer.from(tail, name === 'addrinfo' ? 'latin1' : 'utf8')
  return showBytes(name, bytes, data, pieces, namesOf)
}

const known = argumentTypeNames.filter(hasArgumentType)

describe('argument types', () => {
  it('are complete except the one that is replaced', () => {
    assert.deepEqual(
      argumentTypeNames.filter((name) => !hasArgumentType(name)),
      ['auto'],
    )
  })

  it('have tails that fit into a record', () => {
    for (const name of known) {
      const { tailMax } = argumentType(name)
      assert.ok(tailMax === 0 || (tailMax <= 4096 && (tailMax & (tailMax - 1)) === 0), name)
    }
  })

  it('show numbers by width and sign', () => {
    assert.deepEqual(show('int', { value: -1 }), { int_arg: -1 })
    assert.deepEqual(show('uint32', { value: 4294967295 }), { uint_arg: 4294967295 })
    assert.deepEqual(show('int64', { value: -9223372036854775808n }), {
      long_arg: '-9223372036854775808',
    })
    assert.deepEqual(show('size_t', { value: 18446744073709551615n }), {
      size_arg: '18446744073709551615',
    })
  })

  it('show text and names', () => {
    for (const name of ['string', 'filename', 'net_device', 'data_loc'] as const) {
      assert.deepEqual(show(name, {}, 'a"b\n'), { string_arg: 'a"b\n' })
    }
    assert.deepEqual(show('sockaddr_un', { family: 1 }, '@x'), {
      sockaddrun_arg: { family: 'AF_UNIX', path: '@x' },
    })
  })

  it('show buffers complete, truncated, or from pieces', () => {
    const base64 = (text: string) => Buffer.from(text).toString('base64')
    assert.deepEqual(show('char_buf', { size: 2n }, 'ab'), { bytes_arg: base64('ab') })
    assert.deepEqual(show('char_buf', { size: 5n }, 'ab'), {
      truncated_bytes_arg: { bytes_arg: base64('ab'), orig_size: '5' },
    })
    const pieces = Buffer.from('abcde')
    assert.deepEqual(show('char_buf', { size: 5n, sent: 5 }, 'ab', pieces), {
      bytes_arg: base64('abcde'),
    })
    // A piece was lost: only the beginning is available.
    assert.deepEqual(show('char_buf', { size: 9n, sent: 9 }, 'ab', pieces), {
      truncated_bytes_arg: { bytes_arg: base64('ab'), orig_size: '9' },
    })
    // Pieces of another record are not used.
    assert.deepEqual(show('char_buf', { size: 2n }, 'ab', pieces), { bytes_arg: base64('ab') })
  })

  it('show paths', () => {
    const path = { mode: 0o100644 }
    const shown = { path: '/x', permission: '-rw-r--r--' }
    assert.deepEqual(show('file', path, '/x'), { file_arg: shown })
    assert.deepEqual(show('kiocb', path, '/x'), { file_arg: shown })
    assert.deepEqual(show('path', path, '/x'), { path_arg: shown })
    assert.deepEqual(show('dentry', path, '/x'), { path_arg: shown })
    assert.deepEqual(show('linux_binprm', path, '/x'), { linux_binprm_arg: shown })
    assert.deepEqual(show('fd', { incomplete: 1 }), {
      file_arg: { path: '/', flags: 'unresolvedPathComponents' },
    })
    assert.equal(show('file', { mode: 0o44755 }, '/x').file_arg.permission, 'drwsr-xr-x')
    assert.equal(show('file', { mode: 0o41666 }, '/x').file_arg.permission, 'drw-rw-rwT')
  })

  it('show capabilities', () => {
    assert.deepEqual(show('capability', { value: 21 }), {
      capability_arg: { value: 21, name: 'CAP_SYS_ADMIN' },
    })
    assert.deepEqual(show('capability', { value: 99 }), { capability_arg: { value: 99 } })
    for (const name of [
      'kernel_cap_t',
      'cap_permitted',
      'cap_effective',
      'cap_inheritable',
    ] as const) {
      assert.deepEqual(show(name, { mask: 0x1ff_ffff_ff0fn }), {
        [`${name}_arg`]: '000001ffffffff0f',
      })
    }
  })

  it('show credentials', () => {
    const { process_credentials_arg: shown } = show('cred', {
      uid: 1,
      fsgid: 2,
      permitted: 0x3n,
      inheritable: 1n << 40n,
      securebits: 0x11,
      level: 1,
      owner: 1000,
      group: 1000,
      inum: 0xeffffffd,
    })
    assert.equal(shown.uid, 1)
    assert.equal(shown.euid, 0)
    assert.equal(shown.fsgid, 2)
    assert.deepEqual(shown.caps, {
      permitted: ['CAP_CHOWN', 'DAC_OVERRIDE'],
      inheritable: ['CAP_CHECKPOINT_RESTORE'],
    })
    assert.deepEqual(shown.securebits, ['SecBitNoRoot', 'SecBitKeepCaps'])
    const user_ns = { level: 1, uid: 1000, gid: 1000, ns: { inum: 0xeffffffd, is_host: true } }
    assert.deepEqual(shown.user_ns, user_ns)
    assert.deepEqual(show('user_namespace', { inum: 5 }), {
      user_ns_arg: { level: 0, uid: 0, gid: 0, ns: { inum: 5 } },
    })
  })

  it('show sockets, packets and addresses', () => {
    const home = 0x0100007f
    assert.deepEqual(show('sockaddr', { family: 2, port: 80, a0: home }), {
      sockaddr_arg: { family: 'AF_INET', addr: '127.0.0.1', port: 80 },
    })
    assert.deepEqual(show('sockaddr', { family: 1 }), { sockaddr_arg: { family: 'AF_UNIX' } })
    assert.deepEqual(
      show('skb', { len: 40, family: 10, protocol: 6, d3: 0x01000000, dport: 443 }),
      {
        skb_arg: {
          len: 40,
          dport: 443,
          proto: 6,
          saddr: '::',
          daddr: '::1',
          protocol: 'IPPROTO_TCP',
          family: 'AF_INET6',
        },
      },
    )
    assert.deepEqual(show('skb'), { skb_arg: {} })
  })

  it('show the addresses of a lookup, each once', () => {
    const entry = (family: number, ...address: number[]) => {
      const bytes = Buffer.alloc(24)
      bytes.writeUInt32LE(family)
      bytes.set(address, 4)
      return bytes.toString('latin1')
    }
    const home = entry(2, 127, 0, 0, 1)
    const tail = home + entry(10, 0x20, 1, 0xd, 0xb8) + home
    const addresses = ['127.0.0.1', '2001:db8::']
    const shownAs = (incomplete: number, text: string) => show('addrinfo', { incomplete }, text)
    assert.deepEqual(shownAs(0, tail), { addrinfo_arg: { addresses } })
    assert.deepEqual(shownAs(1, tail), { addrinfo_arg: { addresses, incomplete: true } })
    assert.deepEqual(shownAs(0, ''), { addrinfo_arg: {} })
    assert.deepEqual(shownAs(1, ''), { addrinfo_arg: { incomplete: true } })
  })

  it('show the names of addresses', () => {
    const named = (name: ArgumentTypeName, fields: Record<string, number>) => {
      const asked: number[][] = []
      const namesOf = (...address: number[]) => {
        asked.push(address)
        return '["a.example"]'
      }
      return [show(name, fields, '', undefined, namesOf), asked]
    }
    assert.deepEqual(named('sockaddr', { family: 2, port: 80, a0: 1 }), [
      { sockaddr_arg: { family: 'AF_INET', addr: '1.0.0.0', port: 80, names: ['a.example'] } },
      [[2, 1, 0, 0, 0]],
    ])
    assert.deepEqual(named('sockaddr', { family: 1 }), [
      { sockaddr_arg: { family: 'AF_UNIX' } },
      [],
    ])
    for (const type of ['sock', 'socket'] as const) {
      const [{ sock_arg }, asked] = named(type, { family: 10, s0: 1, d0: 2, d3: 3 })
      assert.deepEqual(sock_arg.destination_names, ['a.example'])
      assert.deepEqual(asked, [[10, 2, 0, 0, 3]])
      const [unix] = named(type, { family: 1 })
      assert.equal(unix.sock_arg.destination_names, undefined)
    }
  })

  it('show what belongs to BPF and performance events', () => {
    assert.deepEqual(show('bpf_attr', { type: 2, instructions: 7 }, 'name'), {
      bpf_attr_arg: { ProgType: 'BPF_PROG_TYPE_KPROBE', InsnCnt: 7, ProgName: 'name' },
    })
    assert.equal(show('bpf_prog', { type: 999 }).bpf_prog_arg.ProgType, 'BPF_PROG_TYPE_999')
    assert.deepEqual(show('bpf_map', { type: 27, entries: 4096 }, 'ring'), {
      bpf_map_arg: { MapType: 'BPF_MAP_TYPE_RINGBUF', MaxEntries: 4096, MapName: 'ring' },
    })
    assert.deepEqual(show('bpf_cmd', { value: 5 }), { bpf_cmd_arg: 'BPF_PROG_LOAD' })
    assert.deepEqual(show('bpf_cmd', { value: 1000 }), { bpf_cmd_arg: 1000 })
    assert.deepEqual(show('perf_event', { type: 8, offset: 16n }, 'do_open'), {
      perf_event_arg: { KprobeFunc: 'do_open', Type: 'PERF_TYPE_8', ProbeOffset: '16' },
    })
  })

  it('show modules and system calls', () => {
    assert.deepEqual(show('module', { taints: 0x3008n, signature: 1 }, 'm'), {
      module_arg: {
        name: 'm',
        signature_ok: true,
        tainted: [
          'TAINT_FORCED_UNLOAD_MODULE',
          'TAINT_OUT_OF_TREE_MODULE',
          'TAINT_UNSIGNED_MODULE',
        ],
      },
    })
    assert.deepEqual(show('load_info', { signature: 2 }, 'm'), { module_arg: { name: 'm' } })
    const abis = process.arch === 'arm64' ? ['arm64', 'arm32'] : ['x64', 'i386']
    // read(2); protobuf JSON omits numbers that are 0.
    assert.deepEqual(show('syscall64', { value: 0n }), { syscall_id: { abi: abis[0] } })
    assert.deepEqual(show('syscall64', { value: 59n }), { syscall_id: { id: 59, abi: abis[0] } })
    assert.deepEqual(show('syscall64', { value: 0x8000000bn }), {
      syscall_id: { id: 11, abi: abis[1] },
    })
  })

  it('show any bytes as JSON', () => {
    const anything = fc.tuple(
      fc.constantFrom(...known),
      fc.uint8Array({ minLength: 160, maxLength: 160 }),
      fc.uint8Array({ maxLength: 64 }),
    )
    fc.assert(
      fc.property(anything, ([name, fixed, tail]) => {
        const { tailMax } = argumentType(name)
        const shown = showBytes(name, fixed, tailMax === 0 ? new Uint8Array() : tail)
        assert.ok(Object.keys(shown).length <= 1)
      }),
      { numRuns: 5000 },
    )
  })
})
