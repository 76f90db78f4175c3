import { closeSync, openSync, readFileSync, readSync } from 'node:fs'

/** Digits of an address at the beginning of each line. */
export const addressDigits = 16

/** The text of /proc/kallsyms; addresses are 0 for processes that the kernel hides them from. */
export function readKallsyms(path = '/proc/kallsyms'): string {
  return readFileSync(path, 'latin1')
}

/** t, T, w, W. */
function isFunction(code: number): boolean {
  return (code | 0x20) === 0x74 || (code | 0x20) === 0x77
}

/**
 * Visits the functions in the text of /proc/kallsyms: the offsets of the line, of the function's
 * name, of what follows the name, and of the line's end. Lines are `ADDRESS TYPE NAME`, and for
 * modules `\t[MODULE]`. There are some hundred thousand: nothing is made of them here.
 */
export function eachFunction(
  text: string,
  visit: (line: number, name: number, nameEnd: number, end: number) => void,
): void {
  for (let line = 0; line < text.length; ) {
    const newline = text.indexOf('\n', line)
    const end = newline < 0 ? text.length : newline
    if (isFunction(text.charCodeAt(line + addressDigits + 1))) {
      const name = line + addressDigits + 3
      // Names of modules are short: looking from the end finds where the name ends sooner.
      const isOfModule = text.charCodeAt(end - 1) === closeBracket
      visit(line, name, isOfModule ? text.lastIndexOf('\t', end) : end, end)
    }
    line = end + 1
  }
}

const closeBracket = 0x5d

/**
 * Names of the functions of this kernel, modules included. Code that the kernel generates while it
 * runs is left out: eBPF programs (`[bpf]`), and trampolines of ftrace and kprobes
 * (`[__builtin__…]`).
 */
export function readFunctionNames(text = readKallsyms()): Set<string> {
  const names = new Set<string>()
  addNames(text, names)
  return names
}

function addNames(text: string, names: Set<string>): void {
  eachFunction(text, (_, from, to, end) => {
    if (!isGenerated(text, to, end)) names.add(text.slice(from, to))
  })
}

/** Bytes between two pauses. The kernel gives a page at a time. */
const chunkBytes = 1 << 16

/** The same in steps: reading all names takes a tenth of a second, and seconds if emulated. */
export function* functionNamesInSteps(path = '/proc/kallsyms'): Generator<undefined, Set<string>> {
  const names = new Set<string>()
  const chunk = Buffer.alloc(2 * chunkBytes)
  const fd = openSync(path, 'r')
  try {
    let rest = ''
    let isOver = false
    while (!isOver) {
      let filled = 0
      while (!isOver && filled < chunkBytes) {
        const length = readSync(fd, chunk, filled, chunkBytes, null)
        filled += length
        isOver = length === 0
      }
      const text = rest + chunk.toString('latin1', 0, filled)
      const end = isOver ? text.length : text.lastIndexOf('\n') + 1
      addNames(text.slice(0, end), names)
      rest = text.slice(end)
      yield
    }
    return names
  } finally {
    closeSync(fd)
  }
}

function isGenerated(text: string, nameEnd: number, end: number): boolean {
  return nameEnd < end && (text.startsWith('\t[bpf]', nameEnd) || text.startsWith('\t[__', nameEnd))
}
