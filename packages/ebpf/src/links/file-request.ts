import { constants, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { testRun } from '../programs/index.ts'
import {
  answerFileRequests,
  Fd,
  type FileRequest,
  markFile,
  openBeneath,
  openFileRequests,
  SystemCallError,
} from '../sys/index.ts'
import { FdLink } from './link.ts'

/** include/uapi/asm-generic/fcntl.h */
const O_PATH = 0o10000000

/** Files whose callers wait for an answer. */
export interface RequestedFiles {
  readonly request: FileRequest
  /** Leads to the folder that is the root of the paths. */
  readonly root: string
  readonly paths: readonly string[]
}

/**
 * Requests for files: their callers wait until {@link answerByProgram} answers. There are none
 * before {@link mark}. Kernel 5.6.
 */
export class FileRequestLink extends FdLink {
  readonly #files: RequestedFiles

  private constructor(files: RequestedFiles, group: Fd) {
    super('fanotify', files.paths.join(), group)
    this.#files = files
  }

  /** @throws SystemCallError */
  static open(files: RequestedFiles): FileRequestLink {
    return new FileRequestLink(files, openFileRequests())
  }

  /**
   * Marks the folders and files that are at the paths now. A folder also stands for files that are
   * not there yet; a file also for itself where the kernel does not know its folder (file handles).
   * The requests must already be answered.
   * @returns why folders could not be marked
   */
  mark(): readonly string[] {
    const { root, paths, request } = this.#files
    using rootFd = new Fd(openSync(root, O_PATH | constants.O_DIRECTORY))
    const tryMark = (path: string, isFolder: boolean): string[] => {
      try {
        using found = openBeneath(rootFd, path)
        markFile(this.fd, `/proc/self/fd/${found.number}`, request, isFolder)
        return []
      } catch (error) {
        if (!(error instanceof SystemCallError)) throw error
        return [`mark ${path}: ${error.message}`]
      }
    }
    for (const path of paths) tryMark(path, false)
    return [...new Set(paths.map((path) => dirname(path)))].flatMap((path) => tryMark(path, true))
  }
}

/** The answer to requests for which the program cannot be run. */
export type OnFailure = 'allow' | 'deny'

/**
 * Answers the requests of a group that wait: for each it runs a program of the hook `fileRequest`,
 * whose result 0 allows the request.
 * @param failed called with requests for which it could not be run
 * @returns whether there may be more requests
 */
export function answerByProgram(
  group: Fd,
  program: Fd,
  onFailure: OnFailure,
  failed: (error: Error) => void,
): boolean {
  const allows = (descriptor: number, thread: number): boolean => {
    words[0] = BigInt(descriptor)
    words[1] = BigInt(thread)
    try {
      return testRun(program, 'run program for file request', { context }).returnValue === 0
    } catch (error) {
      if (onFailure === 'deny') throw error
      failed(error as Error)
      return true
    }
  }
  return answerFileRequests(group.number, allows, failed)
}

const words = new BigUint64Array(2)
const context = new Uint8Array(words.buffer)
