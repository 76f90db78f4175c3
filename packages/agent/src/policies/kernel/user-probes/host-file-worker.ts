import { readSync, statfsSync } from 'node:fs'
import { OpenUserFile } from '@tetragon-ts/compiler/running-kernel'
import { answerQuestions } from '../../../reader/question-thread/answer-questions.ts'
import { followLinks } from '../links/follow-links.ts'
import {
  type HostFileAnswers,
  type HostFileFacts,
  type HostFileQuestion,
  phase,
} from './host-file-question.ts'

// The program of the thread that waits for file systems of the host.

/**
 * File systems whose server may stop answering between two reads: FUSE (and virtiofs), NFS, SMB,
 * CIFS, 9P, Ceph, AFS, Lustre. The numbers are in include/uapi/linux/magic.h.
 */
const remote: ReadonlySet<number> = new Set([
  ...[0x65735546, 0x6969, 0xfe534d42, 0xff534d42, 0x01021997, 0x00c36400, 0x5346414f],
  0x0bd00bd0,
])
/** Bytes of a file that are read ahead. */
const readAheadMax = 1 << 26
const chunk = Buffer.allocUnsafe(1 << 18)
/** The version of each path whose content is in the page cache. */
const read = new Map<string, string>()

answerQuestions(
  (_, onStep) =>
    (question: HostFileQuestion): HostFileAnswers[keyof HostFileAnswers] => {
      Atomics.store(question.phase, 0, phase.asking)
      try {
        const { about, root, path } = question
        return about === 'links' ? followLinks(root, path) : look(question, onStep)
      } finally {
        Atomics.store(question.phase, 0, phase.returned)
      }
    },
)

function look({ root, path }: HostFileQuestion, onStep: () => void): HostFileFacts {
  let file: OpenUserFile
  try {
    file = OpenUserFile.open(root, path)
  } catch {
    return { version: undefined }
  }
  using open = file
  const { version } = open
  if (read.get(path) !== version && isRemote(open)) {
    readAhead(open, onStep)
    read.set(path, version)
  }
  return { version }
}

function isRemote({ descriptor }: OpenUserFile): boolean {
  return remote.has(statfsSync(`/proc/self/fd/${descriptor.number}`).type)
}

/** Fills the page cache, so that the main thread and uprobes find the content there. */
function readAhead({ descriptor }: OpenUserFile, onStep: () => void): void {
  let count = 1
  for (let at = 0; count > 0 && at < readAheadMax; at += count) {
    count = readSync(descriptor.number, chunk, 0, chunk.length, at)
    onStep()
  }
}
