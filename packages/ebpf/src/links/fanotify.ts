import { constants, openSync } from 'node:fs'
import { dirname } from 'node:path'
import type { MarkedFiles } from '../lang/index.ts'
import { testRun } from '../programs/index.ts'
import {
  addFanotifyMark,
  answerPermissionEvents,
  createFanotifyGroup,
  Fd,
  openInRoot,
  SystemCallError,
} from '../sys/index.ts'
import { FdLink } from './link.ts'

/** include/uapi/asm-generic/fcntl.h */
const O_PATH = 0o10000000

/**
 * Permission events of files: callers wait until {@link answerByProgram} answers. There are none
 * before {@link mark}. Kernel 5.6.
 */
export class FanotifyLink extends FdLink {
  readonly #files: MarkedFiles

  private constructor(files: MarkedFiles, group: Fd) {
    const [first, ...others] = files.paths
    super('fanotify', others.length > 0 ? `${first} and ${others.length} more` : first, group)
    this.#files = files
  }

  /** @throws SystemCallError */
  static open(files: MarkedFiles): FanotifyLink {
    return new FanotifyLink(files, createFanotifyGroup())
  }

  /**
   * Marks the files that are at the paths now, and their folders. Folder marks cover files created
   * later. File marks cover opens for which the kernel does not know the folder (file handles). The
   * events must already be answered.
   * @returns for files and folders that could not be marked: the path and the reason
   */
  mark(): readonly string[] {
    const { root, paths, event } = this.#files
    using rootFd = new Fd(openSync(root, O_PATH | constants.O_DIRECTORY))
    const tryMark = (path: string, isFolder: boolean): string[] => {
      try {
        using found = openInRoot(rootFd, path)
        addFanotifyMark(this.fd, `/proc/self/fd/${found.number}`, event, isFolder)
        return []
      } catch (error) {
        if (!(error instanceof SystemCallError)) throw error
        // A file may come later.
        return error.errno === 'ENOENT' && !isFolder ? [] : [`${path}: ${error.message}`]
      }
    }
    const folders = [...new Set(paths.map((path) => dirname(path)))]
    const isThere = (path: string): boolean => !missing.has(dirname(path))
    const missing = new Set<string>()
    const problems = folders.flatMap((path) => {
      const found = tryMark(path, true)
      if (found.length > 0) missing.add(path)
      return found
    })
    return [...problems, ...paths.filter(isThere).flatMap((path) => tryMark(path, false))]
  }
}

/** The answer to events for which the program cannot be run. */
export type OnFailure = 'allow' | 'deny'

/**
 * Answers the pending events of a group: for each it runs a program of the hook `permissionEvent`,
 * whose result 0 allows it.
 * @param failed called for events for which it could not be run
 */
export function answerByProgram(
  group: Fd,
  program: Fd,
  onFailure: OnFailure,
  failed: (error: Error) => void,
): void {
  const allows = (descriptor: number, thread: number): boolean => {
    words[0] = BigInt(descriptor)
    words[1] = BigInt(thread)
    try {
      return testRun(program, 'run program for permission event', { context }).returnValue === 0
    } catch (error) {
      failed(error as Error)
      return onFailure === 'allow'
    }
  }
  answerPermissionEvents(group, allows, failed)
}

const words = new BigUint64Array(2)
const context = new Uint8Array(words.buffer)
