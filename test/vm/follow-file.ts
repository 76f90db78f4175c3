import { closeSync, openSync, readSync } from 'node:fs'

/** Interval of reads in milliseconds. */
const interval = 50

/**
 * Follows a file that another process appends to, possibly in a virtual machine (whose writes cause
 * no events on the host), and passes on new content. It need not exist yet.
 */
export class FileFollower {
  private readonly path: string
  private readonly onText: (text: string) => void
  private readonly timer: NodeJS.Timeout
  private readonly decoder = new TextDecoder()
  private readonly buffer = Buffer.alloc(64 * 1024)
  private position = 0

  constructor(path: string, onText: (text: string) => void) {
    this.path = path
    this.onText = onText
    this.timer = setInterval(() => this.readOn(), interval)
  }

  /** Reads the rest and stops. */
  stop(): void {
    clearInterval(this.timer)
    this.readOn()
  }

  private readOn(): void {
    let descriptor: number
    try {
      descriptor = openSync(this.path, 'r')
    } catch {
      return
    }
    try {
      for (;;) {
        const length = readSync(descriptor, this.buffer, 0, this.buffer.length, this.position)
        if (length === 0) return
        this.position += length
        this.onText(this.decoder.decode(this.buffer.subarray(0, length), { stream: true }))
      }
    } finally {
      closeSync(descriptor)
    }
  }
}

/** Splits text chunks into lines. */
export function lineSplitter(onLine: (line: string) => void): (text: string) => void {
  let rest = ''
  return (text) => {
    const lines = (rest + text).split('\n')
    rest = lines.pop()!
    for (const line of lines) onLine(line)
  }
}
