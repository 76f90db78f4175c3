import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import type { PolicyCase } from '../policy-case.ts'

const hooked = (call: string, type: string, more = ''): string => `
      kprobes:
      - call: ${call}
        syscall: false
        args:
        - index: 0
          type: ${type}${more}`

export const kernelObjectCases: readonly PolicyCase[] = [
  {
    name: 'a program to load',
    covers: { kind: 'argument', name: 'bpf_attr' },
    policy: `
      kprobes:
      - call: sys_bpf
        syscall: true
        args:
        - index: 0
          type: int
        - index: 1
          type: bpf_attr
        selectors:
        - matchArgs:
          - index: 0
            operator: Equal
            values: ["5"]`,
    hit: ['bpf-program', 'a_program', '1'],
    miss: ['bpf-map', 'a_map', '1', '4', '8', '16'],
    expect({ args }) {
      const expected = {
        ProgType: 'BPF_PROG_TYPE_SOCKET_FILTER',
        InsnCnt: 2,
        ProgName: 'a_program',
      }
      assert.deepEqual(args[1].bpf_attr_arg, expected)
    },
  },
  {
    name: 'a program that was loaded',
    covers: { kind: 'argument', name: 'bpf_prog' },
    policy: hooked('security_bpf_prog', 'bpf_prog'),
    hit: ['bpf-program', 'a_program', '1'],
    miss: ['bpf-map', 'a_map', '1', '4', '8', '16'],
    expect({ args }) {
      const { ProgType, ProgName } = args[0].bpf_prog_arg ?? {}
      const expected = { ProgType: 'BPF_PROG_TYPE_SOCKET_FILTER', ProgName: 'a_program' }
      assert.deepEqual({ ProgType, ProgName }, expected)
      assert.ok((args[0].bpf_prog_arg?.InsnCnt ?? 0) >= 2)
    },
  },
  madeMap('a map that is made', 'security_bpf_map_create'),
  madeMap('a map that is made, before kernel 6.9', 'security_bpf_map_alloc'),
  {
    name: 'an event that is created',
    covers: { kind: 'argument', name: 'perf_event' },
    policy: hooked('security_perf_event_alloc', 'perf_event'),
    hit: ['perf', '1', '3'],
    miss: ['try', 'lseek', '-1', '0', '0'],
    expect({ args }) {
      assert.deepEqual(args[0].perf_event_arg, { Type: 'PERF_TYPE_SOFTWARE', Config: '3' })
    },
  },
  {
    name: 'of a file system, if that is a module',
    covers: { kind: 'argument', name: 'module' },
    policy: `
      tracepoints:
      - subsystem: sched
        event: sched_process_exec
        raw: true
        args:
        - index: 2
          type: string
          resolve: file.f_inode.i_sb.s_type.name
        - index: 2
          type: module
          resolve: file.f_inode.i_sb.s_type.owner`,
    hit: ['exec', '/bin/true'],
    count: 'some',
    expect(_, all) {
      const [name, module] = all.at(-1)?.args ?? []
      const modules = existsSync('/proc/modules') ? readFileSync('/proc/modules', 'latin1') : ''
      const isModule = modules.includes(`${name.string_arg} `)
      if (isModule) assert.equal(module.module_arg?.name, name.string_arg)
      else assert.deepEqual(module.error_arg, { Message: 'Bad address for basic type' })
    },
  },
  {
    name: 'invalid module data',
    covers: { kind: 'argument', name: 'load_info' },
    policy: hooked('load_module', 'load_info'),
    needs: { functions: ['load_module'] },
    hit: ['try', 'init-module', 'm'.repeat(200)],
    miss: ['try', 'lseek', '-1', '0', '0'],
    expect({ args }) {
      assert.equal(args[0].module_arg?.name, '')
    },
  },
]

/** The hook for new maps was renamed in Linux 6.9. */
function madeMap(name: string, call: string): PolicyCase {
  return {
    name,
    covers: { kind: 'argument', name: 'bpf_map' },
    policy: hooked(call, 'bpf_map'),
    needs: { functions: [call] },
    hit: ['bpf-map', 'a_map', '1', '4', '8', '16'],
    miss: ['bpf-program', 'a_program', '1'],
    expect({ args }) {
      assert.deepEqual(args[0].bpf_map_arg, {
        MapType: 'BPF_MAP_TYPE_HASH',
        KeySize: 4,
        ValueSize: 8,
        MaxEntries: 16,
        MapName: 'a_map',
      })
    },
  }
}
