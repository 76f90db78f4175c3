import { ProcessKey, recordKind } from '@tetragon-ts/sensors'
import { ExecRecord, Identity } from './records.ts'

/** Flags of an exec after a fork: `execve clone`. */
const execveClone = 0x4001

const filename = '/usr/lib/gcc/x86_64-linux-gnu/14/cc1'
const cwd = '/home/builder/project/src/drivers/net'
/** About 150 bytes, typical of compilers and shells. */
const args = [
  filename,
  ...['-quiet', '-I', '../../include', '-D', 'NDEBUG=1', '-D', 'VERSION="6.18"', 'main.c'],
  ...['-mtune=generic', '-march=x86-64', '-O2', '-Wall', '-o', '/tmp/ccXq1Zs0.s'],
]

/** The process of a template. */
export interface TemplateIdentity {
  readonly pid: number
  readonly ktime: bigint
  readonly parentPid: number
  readonly parentKtime: bigint
}

const identityAt = ExecRecord.field('identity').offset
const keyAt = identityAt + Identity.field('key').offset
const parentAt = identityAt + Identity.field('parent').offset

/** Offsets of the fields that differ between processes. */
export const templateOffsets = {
  pid: keyAt + ProcessKey.field('pid').offset,
  ktime: keyAt + ProcessKey.field('ktime').offset,
  start: ExecRecord.field('start').offset,
}

/** An exec record as the exec program sends it; the same size for every process. */
export function execTemplate(identity: TemplateIdentity): Uint8Array {
  const tails = {
    filename: Buffer.from(filename),
    cwd: Buffer.from(cwd),
    args: Buffer.from(args.map((arg) => `${arg}\0`).join('')),
    env: Buffer.alloc(0),
  }
  const fixed = new DataView(new ArrayBuffer(ExecRecord.size))
  const u32 = (at: number, value: number): void => fixed.setUint32(at, value, true)
  const place = (at: number, name: 'ktime' | 'pid'): number => at + ProcessKey.field(name).offset
  u32(ExecRecord.field('kind').offset, recordKind.exec)
  fixed.setBigUint64(templateOffsets.start, identity.ktime, true)
  u32(ExecRecord.field('argsLength').offset, tails.args.length)
  fixed.setBigUint64(place(keyAt, 'ktime'), identity.ktime, true)
  u32(place(keyAt, 'pid'), identity.pid)
  fixed.setBigUint64(place(parentAt, 'ktime'), identity.parentKtime, true)
  u32(place(parentAt, 'pid'), identity.parentPid)
  fixed.setBigUint64(identityAt + Identity.field('cgroup').offset, 1n, true)
  u32(identityAt + Identity.field('flags').offset, execveClone)
  u32(identityAt + Identity.field('auid').offset, 1000)
  u32(identityAt + Identity.field('euid').offset, 1000)
  for (const [name, bytes] of Object.entries(tails)) {
    u32(ExecRecord.field(name).offset, bytes.length)
  }
  return Buffer.concat([Buffer.from(fixed.buffer), ...Object.values(tails)])
}
