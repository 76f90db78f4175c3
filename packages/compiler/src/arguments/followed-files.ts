import type { Bytes, Code, Int } from '@tetragon-ts/ebpf/lang'
import { hashMap } from '@tetragon-ts/ebpf/maps'
import { arrayOf, record, u8, u32, u64 } from '@tetragon-ts/ebpf/records'
import type { Hit } from '../hook/hit.ts'
import type { HookContext } from '../hook/hook-context.ts'
import type { ArgumentValue, Text } from './argument-type.ts'

const pathMax = 4096
/** Paths of fewer bytes are in small entries: almost all. */
const shortMax = 256

const FollowedKey = record('followed_key', { policy: u32, pid: u32, fd: u32 })

const followedFile = (room: number) =>
  record('followed_file', {
    /** Start of the process: another process with the pid has not followed it. */
    start: u64,
    mode: u32,
    /** Length of the path; a path that does not fit into a short entry is in the other map. */
    length: u32,
    path: arrayOf(u8, room),
  })
const ShortFile = followedFile(shortMax)
const LongFile = followedFile(pathMax)
const at = (field: keyof typeof ShortFile.shape): number => ShortFile.field(field).offset

const followedMap = (name: string, value: typeof ShortFile | typeof LongFile, maxEntries: number) =>
  hashMap(name, { key: FollowedKey, value, maxEntries, preallocate: false })

/** Followed descriptors with their paths: FollowFD, UnfollowFD, CopyFD. */
export const followedFilesMap = followedMap('tg_followed', ShortFile, 32768)
/** Those with long paths, in full. */
export const longFollowedFilesMap = followedMap('tg_followed_long', LongFile, 4096)

function keyOf({ task }: Hit, fd: Int, { policyId }: HookContext) {
  return { policy: policyId, pid: task.tgid, fd: fd.low32() }
}

export const followedFiles = {
  /** A followed descriptor; absent if it is not followed. */
  read(hit: Hit, fd: Int, context: HookContext): ArgumentValue {
    const { k } = hit
    const address = k.variable(0)
    const mode = k.variable(0)
    const length = k.variable(0)
    const key = k.stack(FollowedKey, keyOf(hit, fd, context))
    const found = k.lookup(followedFilesMap, key)
    k.when(found, () => {
      k.when(found.start.eq(hit.task.group_leader.start_boottime), () => {
        address.set(k.addressOf(found, 'path'))
        mode.set(found.mode)
        length.set(found.length)
        k.when(length.ge(shortMax), () => {
          const long = k.lookup(longFollowedFilesMap, key)
          k.when(
            long,
            () => address.set(k.addressOf(long, 'path')),
            () => length.set(shortMax - 1),
          )
        })
      })
    })
    const writeTail = (to: Bytes): Int => {
      const bounded = length.and(pathMax - 1)
      k.readKernel(to, bounded, address)
      return bounded
    }
    const absent = address.eq(0)
    return { fields: () => ({ mode, incomplete: 0 }), writeTail, absent, mode: () => mode }
  },

  follow(hit: Hit, fd: Int, text: Text, mode: Int, context: HookContext): void {
    const { k } = hit
    const memory = context.scratch(LongFile.size)
    const length = text.length.and(pathMax - 1)
    memory.store(8, at('start'), hit.task.group_leader.start_boottime)
    memory.store(4, at('mode'), mode)
    memory.store(4, at('length'), length)
    k.readKernel(memory.at(at('path')), length, text.bytes.address())
    store(k, hit, fd, context, memory, length)
  },

  /** @returns 0, or an error if the descriptor was not followed */
  unfollow(hit: Hit, fd: Int, context: HookContext): Int {
    return hit.k.remove(followedFilesMap, keyOf(hit, fd, context))
  },

  /** @param none emits the code for a descriptor that is not followed */
  copy(hit: Hit, from: Int, to: Int, context: HookContext, none: () => void): void {
    const { k } = hit
    const key = k.stack(FollowedKey, keyOf(hit, from, context))
    const found = k.lookup(followedFilesMap, key)
    k.when(
      found,
      () => {
        const memory = context.scratch(LongFile.size)
        const length = found.length
        k.readKernel(memory, ShortFile.size, k.address(found))
        k.when(length.ge(shortMax), () => {
          const long = k.lookup(longFollowedFilesMap, key)
          k.when(long, () => k.readKernel(memory, LongFile.size, k.address(long)))
        })
        store(k, hit, to, context, memory, length)
      },
      none,
    )
  },
}

function store(k: Code, hit: Hit, fd: Int, context: HookContext, memory: Bytes, length: Int): void {
  const key = k.stack(FollowedKey, keyOf(hit, fd, context))
  const check = (result: Int): void =>
    k.when(result.ne(0), () => context.countLoss('followed_full'))
  k.when(length.ge(shortMax), () => {
    check(k.update(longFollowedFilesMap, key, k.view(memory, LongFile)))
  })
  check(k.update(followedFilesMap, key, k.view(memory, ShortFile)))
}
