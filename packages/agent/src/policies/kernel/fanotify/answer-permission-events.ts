import { writeSync } from 'node:fs'
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import { answerByProgram, type OnFailure } from '@tetragon-ts/ebpf/links'
import { Doorbell, endProcess, Fd, limitTime, Waiter } from '@tetragon-ts/ebpf/sys'
import { raisePriority } from '../../../raise-priority.ts'
import type { Command, Report, ThreadOptions } from './protocol.ts'

// The program of the thread that answers permission events. Processes wait for it, the agent's
// other threads among them: once it runs, it must open no file, load no code, and wait for no other
// thread.

/** Limit of a wait in milliseconds: Node.js ends a thread only while it runs JavaScript. */
const waitLimit = 1000

interface Answered {
  readonly group: Fd
  readonly program: Fd
  readonly onFailure: OnFailure
}

class AnsweringThread {
  readonly #doorbell: Doorbell
  readonly #nextCommand: () => Command | undefined
  readonly #report: (report: Report) => void
  readonly #links = new Map<number, Answered>()
  #waiter: Waiter
  #ended = false

  constructor(
    doorbell: Doorbell,
    nextCommand: () => Command | undefined,
    report: (report: Report) => void,
  ) {
    this.#doorbell = doorbell
    this.#nextCommand = nextCommand
    this.#report = report
    this.#waiter = this.#waitForAll()
  }

  run(): void {
    while (!this.#ended) {
      this.#waiter.wait(waitLimit)
      let index = 1
      for (const link of this.#links.keys()) {
        if (this.#waiter.ready(index++)) this.#answer(link)
      }
      if (this.#doorbell.answer()) this.#obey()
    }
  }

  #answer(number: number): void {
    const link = this.#links.get(number)
    if (!link) return
    answerByProgram(link.group, link.program, link.onFailure, ({ message }) =>
      this.#report({ kind: 'failed', link: number, message }),
    )
  }

  #obey(): void {
    for (let next = this.#nextCommand(); next; next = this.#nextCommand()) this.#execute(next)
    this.#waiter.close()
    this.#waiter = this.#waitForAll()
  }

  #execute(command: Command): void {
    if (command.kind === 'answer') {
      const { link, groupFd, programFd, onFailure } = command
      this.#links.set(link, { group: new Fd(groupFd), program: new Fd(programFd), onFailure })
    } else if (command.kind === 'settle') {
      for (const link of this.#links.keys()) this.#answer(link)
      this.#report({ kind: 'settled', question: command.question })
    } else if (command.kind === 'stop') {
      this.#stop(command.link)
    } else {
      for (const link of [...this.#links.keys()]) this.#stop(link)
      this.#ended = true
    }
  }

  /** Answers pending events first: closing the group would allow them. */
  #stop(number: number): void {
    const link = this.#links.get(number)
    if (!link) return
    this.#answer(number)
    link.group.close()
    link.program.close()
    this.#links.delete(number)
  }

  #waitForAll(): Waiter {
    const groups = [...this.#links.values()].map(({ group }) => group.number)
    return new Waiter([this.#doorbell.fd.number, ...groups])
  }
}

if (!parentPort) throw new Error('answer permission events: must run in a worker thread')
const port = parentPort
raisePriority()
const thread = new AnsweringThread(
  new Doorbell((workerData as ThreadOptions).doorbellFd),
  () => receiveMessageOnPort(port)?.message,
  (report) => port.postMessage(report),
)
port.postMessage({ kind: 'ready' } satisfies Report)
try {
  thread.run()
} catch (error) {
  // The main thread itself may wait for an answer: only the end of the process helps.
  limitTime(1)
  writeSync(2, `tetragon: answer permission events: ${(error as Error).stack}\n`)
  endProcess(1)
}
