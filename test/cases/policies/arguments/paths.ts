import assert from 'node:assert/strict'
import type { PolicyCase } from '../policy-case.ts'

/** sys_write of four bytes, which no other process does here. */
const writeFour = `
      kprobes:
      - call: sys_write
        syscall: true
        args:
        - index: 0
          type: fd
        - index: 2
          type: size_t
        selectors:
        - matchArgs:
          - index: 2
            operator: Equal
            values: ["4"]`

/** The same, on a descriptor whose path has this prefix. */
const writeTo = (prefix: string): string => `${writeFour}
          - index: 0
            operator: Prefix
            values: ["${prefix}"]`

const executed = (argument: string, test: string): string => `
      tracepoints:
      - subsystem: sched
        event: sched_process_exec
        raw: true
        args:
        - index: 2
          ${argument}
        selectors:
        - matchArgs:
          - index: 2
            ${test}`

const name = 'n'.repeat(200)

/** Binaries by their real paths: /bin may be a symbolic link. */
const isTrue = /^\/(usr\/)?bin\/true$/

export const pathCases: readonly PolicyCase[] = [
  {
    name: 'a file',
    covers: { kind: 'argument', name: 'fd' },
    policy: writeTo('{folder}/'),
    hit: ['open', '{folder}/x', '0101', '0640', '--', 'write', 'text'],
    miss: ['open', '/dev/null', '01', '--', 'write', 'text'],
    expect({ args }, _, { folder }) {
      const { path, permission, flags } = args[0].file_arg ?? {}
      assert.deepEqual(
        { path, permission, flags },
        { path: `${folder}/x`, permission: '-rw-r-----', flags: undefined },
      )
    },
  },
  {
    name: 'a file that was deleted',
    covers: { kind: 'argument', name: 'fd' },
    policy: writeTo('{folder}/'),
    hit: ['open', '{folder}/x', '0101', '--', 'unlink', '{folder}/x', '--', 'write', 'text'],
    expect({ args }, _, { folder }) {
      assert.equal(args[0].file_arg?.path, `${folder}/x (deleted)`)
    },
  },
  {
    name: 'a pipe',
    covers: { kind: 'argument', name: 'fd' },
    policy: writeTo('pipe:['),
    hit: ['pipe', '--', 'write', 'text'],
    miss: ['open', '{folder}/x', '0101', '--', 'write', 'text'],
    expect({ args }) {
      assert.match(args[0].file_arg?.path ?? '', /^pipe:\[\d+\]$/)
      assert.match(args[0].file_arg?.permission ?? '', /^prw/)
      assert.equal(args[0].file_arg?.flags, undefined)
    },
  },
  {
    name: 'a socket',
    covers: { kind: 'argument', name: 'fd' },
    policy: writeTo('socket:['),
    hit: ['socketpair', '--', 'write', 'text'],
    miss: ['pipe', '--', 'write', 'text'],
    expect({ args }) {
      assert.match(args[0].file_arg?.path ?? '', /^socket:\[\d+\]$/)
      assert.match(args[0].file_arg?.permission ?? '', /^srw/)
    },
  },
  {
    name: 'a named memory file',
    covers: { kind: 'argument', name: 'fd' },
    policy: writeTo('/memfd:'),
    hit: ['memfd', 'here', '--', 'write', 'text'],
    expect({ args }) {
      assert.match(args[0].file_arg?.path ?? '', /^\/memfd:here/)
    },
  },
  {
    name: 'no file',
    covers: { kind: 'argument', name: 'fd' },
    policy: writeFour,
    hit: ['open', '{folder}/x', '0101', '--', 'write', 'text'],
    miss: ['try', 'write', 'text'],
  },
  {
    name: 'seen from another root',
    covers: { kind: 'argument', name: 'fd' },
    policy: writeTo('/inside'),
    hit: ['chroot', '{folder}', '--', 'open', '/inside', '0101', '--', 'write', 'text'],
    miss: ['open', '{folder}/inside', '0101', '--', 'write', 'text'],
    expect({ args }) {
      assert.equal(args[0].file_arg?.path, '/inside')
    },
  },
  {
    name: 'through mounts',
    covers: { kind: 'argument', name: 'fd' },
    policy: writeTo('{folder}/b/'),
    hit: `mkdir a b && exec unshare -m sh -c 'mount -t tmpfs none a && mkdir a/d && mount --bind a/d b &&
      exec {trigger} open {folder}/b/x 0101 -- write text'`,
    expect({ args }, _, { folder }) {
      assert.equal(args[0].file_arg?.path, `${folder}/b/x`)
    },
  },
  {
    name: 'in an overlay',
    covers: { kind: 'argument', name: 'fd' },
    policy: writeTo('{folder}/m/o/'),
    needs: { functions: ['ovl_open'] },
    hit: `mkdir m && exec unshare -m sh -c 'mount -t tmpfs none m && cd m && mkdir l u w o && echo > l/x &&
      mount -t overlay none -o lowerdir=l,upperdir=u,workdir=w o &&
      exec {trigger} open {folder}/m/o/x 01 -- write text'`,
    expect({ args }, _, { folder }) {
      assert.equal(args[0].file_arg?.path, `${folder}/m/o/x`)
      assert.equal(args[0].file_arg?.flags, undefined)
    },
  },
  {
    name: 'nearly 4096 bytes',
    covers: { kind: 'argument', name: 'fd' },
    policy: writeTo('{folder}/'),
    hit: `for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19; do
      mkdir ${name} && cd ${name}; done; exec {trigger} open x 0101 -- write text`,
    expect({ args }, _, { folder }) {
      assert.equal(args[0].file_arg?.path, `${folder}/${`${name}/`.repeat(19)}x`)
      assert.equal(args[0].file_arg?.flags, undefined)
    },
  },
  {
    name: 'of a program',
    covers: { kind: 'argument', name: 'file' },
    policy: executed(
      'type: file\n          resolve: file',
      'operator: Postfix\n            values: ["bin/true"]',
    ),
    hit: ['exec', '/bin/true'],
    miss: ['exec', '/bin/ls'],
    expect({ args }) {
      assert.match(args[0].file_arg?.path ?? '', isTrue)
      assert.equal(args[0].file_arg?.permission, '-rwxr-xr-x')
    },
  },
  {
    name: 'of an open file',
    covers: { kind: 'argument', name: 'file' },
    policy: `
      kprobes:
      - call: security_file_permission
        syscall: false
        args:
        - index: 0
          type: file
        - index: 1
          type: int
        selectors:
        - matchArgs:
          - index: 0
            operator: Equal
            values: ["{folder}/x"]
          - index: 1
            operator: Equal
            values: ["2"]`,
    hit: ['open', '{folder}/x', '0101', '--', 'write', 'text'],
    miss: ['open', '{folder}/y', '0101', '--', 'write', 'text'],
    expect({ args }, _, { folder }) {
      assert.equal(args[0].file_arg?.path, `${folder}/x`)
    },
  },
  {
    name: 'in a program for many functions',
    covers: { kind: 'argument', name: 'file' },
    everyKernel: true,
    policy: `
      lists:
      - name: files
        values:
        - security_file_permission
        - security_file_ioctl
        - security_file_lock
        - security_file_fcntl
        - security_file_receive
        - security_file_open
        - security_mmap_file
        - vfs_fsync_range
        - vfs_llseek
        - vfs_fallocate
      kprobes:
      - call: "list:files"
        syscall: false
        args:
        - index: 0
          type: file
        - index: 0
          type: uint64
          btfType: file
          resolve: f_inode.i_size
        selectors:
        - matchArgs:
          - index: 0
            operator: Equal
            values: ["{folder}/x"]`,
    needs: { probes: ['kprobe_multi'] },
    hit: ['open', '{folder}/x', '0101', '--', 'write', 'text'],
    miss: ['open', '{folder}/y', '0101', '--', 'write', 'text'],
    count: 'some',
    expect(_, all, { folder }) {
      const written = all.find(({ body }) => body.function_name === 'security_file_permission')
      assert.equal(written?.args[0].file_arg?.path, `${folder}/x`)
      assert.equal(written?.args[1].size_arg, '0')
    },
  },
  {
    name: 'in a file',
    covers: { kind: 'argument', name: 'path' },
    policy: executed(
      'type: path\n          resolve: file.f_path',
      'operator: Postfix\n            values: ["bin/true"]',
    ),
    hit: ['exec', '/bin/true'],
    miss: ['exec', '/bin/ls'],
    expect({ args }) {
      assert.match(args[0].path_arg?.path ?? '', isTrue)
      assert.equal(args[0].path_arg?.permission, '-rwxr-xr-x')
    },
  },
  {
    name: 'that is truncated',
    covers: { kind: 'argument', name: 'path' },
    policy: `
      kprobes:
      - call: security_path_truncate
        syscall: false
        args:
        - index: 0
          type: path
        selectors:
        - matchArgs:
          - index: 0
            operator: Equal
            values: ["{folder}/x"]`,
    hit: ['open', '{folder}/x', '0101', '--', 'truncate', '{folder}/x', '0'],
    miss: ['open', '{folder}/y', '0101', '--', 'truncate', '{folder}/y', '0'],
    expect({ args }, _, { folder }) {
      assert.equal(args[0].path_arg?.path, `${folder}/x`)
    },
  },
  {
    name: 'inside of a file system',
    covers: { kind: 'argument', name: 'dentry' },
    policy: executed(
      'type: dentry\n          resolve: file.f_path.dentry',
      'operator: Equal\n            values: ["/d/true"]',
    ),
    hit: `mkdir m && exec unshare -m sh -c 'mount -t tmpfs none m && mkdir m/d && cp /bin/true m/d &&
      exec m/d/true'`,
    miss: ['exec', '/bin/true'],
    expect({ args }) {
      assert.equal(args[0].path_arg?.path, '/d/true')
    },
  },
  {
    name: 'the executed file',
    covers: { kind: 'argument', name: 'linux_binprm' },
    policy: executed('type: linux_binprm', 'operator: Postfix\n            values: ["bin/true"]'),
    hit: ['exec', '/bin/true'],
    miss: ['exec', '/bin/ls'],
    expect({ args }) {
      assert.match(args[0].linux_binprm_arg?.path ?? '', isTrue)
      assert.equal(args[0].linux_binprm_arg?.permission, '-rwxr-xr-x')
    },
  },
  {
    name: 'the written file',
    covers: { kind: 'argument', name: 'kiocb' },
    policy: `
      kprobes:
      - call: generic_write_checks
        syscall: false
        args:
        - index: 0
          type: kiocb
        selectors:
        - matchArgs:
          - index: 0
            operator: Equal
            values: ["{folder}/x"]`,
    hit: ['open', '{folder}/x', '0101', '--', 'write', 'text'],
    miss: ['open', '{folder}/y', '0101', '--', 'write', 'text'],
    expect({ args }, _, { folder }) {
      assert.equal(args[0].file_arg?.path, `${folder}/x`)
    },
  },
]
