import { codecOf, Process } from '@tetragon-ts/api'
import { Generations } from './generations.ts'
import { endOfPlainMembers, objectExtent } from './json-object.ts'

const codec = codecOf(Process)
const begin = '{"exec_id":"'
const comma = 0x2c
const close = 0x7d
/** Members that differ between the events of a process; they and what follows are read each time. */
const changing = [',"refcnt":', ',"tid":']

/** Processes of a generation, and ends of processes. */
const cacheSize = 4096
/** Larger ones, with arguments of megabytes, are not worth their memory. */
const largest = 2 ** 14

/** Members of a process: as values and as protobuf. */
interface Part {
  readonly bytes: Buffer
  readonly fields: Process
}

interface Head extends Part {
  /** The object's text up to the members that change. */
  readonly text: string
  /** With which tail it was seen last, and what both make together. */
  lastTail: Part | undefined
  lastFields: Process
}

/** A process as it stands in an event. */
export class SeenProcess {
  /** Its protobuf is that of its parts, one behind the other. */
  readonly head: Head
  readonly tail: Part
  /** Offset behind its object in the line. */
  readonly end: number

  constructor(head: Head, tail: Part, end: number) {
    this.head = head
    this.tail = tail
    this.end = end
  }

  /** All its members; whoever gets them must not change them. */
  get fields(): Process {
    const { head, tail } = this
    if (head.lastTail !== tail) {
      head.lastTail = tail
      head.lastFields = { ...head.fields, ...tail.fields }
    }
    return head.lastFields
  }
}

/**
 * Recognizes processes in lines of event JSON: the same process stands in many events, in the same
 * words but for a few members at the end. So nothing of it is parsed or encoded twice. Lines are
 * UTF-8 in strings of one byte per character, which are quicker to look at than buffers.
 */
export class KnownProcesses {
  readonly #heads = new Generations<Head>(cacheSize)
  readonly #tails = new Generations<Part>(cacheSize)

  /** The process whose object begins at `start`; undefined if it is not written as ours are. */
  find(line: string, start: number): SeenProcess | undefined {
    if (!line.startsWith(begin, start)) return undefined
    const idStart = start + begin.length
    const id = line.slice(idStart, line.indexOf('"', idStart))
    const head = this.#heads.get(id)
    if (head !== undefined && line.startsWith(head.text, start)) {
      const tailStart = start + head.text.length
      const next = line.charCodeAt(tailStart)
      // What follows must begin a new member: a number may have more digits here.
      const end = next === comma || next === close ? endOfPlainMembers(line, tailStart) : undefined
      if (end !== undefined) {
        return new SeenProcess(head, this.#tail(line, tailStart, end), end)
      }
    }
    return this.#read(line, start, id)
  }

  #read(line: string, start: number, id: string): SeenProcess | undefined {
    const extent = objectExtent(line, start)
    if (extent === undefined) return undefined
    const { end, commas } = extent
    const split =
      commas.find((at) => changing.some((member) => line.startsWith(member, at))) ?? end - 1
    const text = ownText(line.slice(start, split))
    const { bytes, fields } = part(`${text}}`)
    const head: Head = { text, bytes, fields, lastTail: undefined, lastFields: {} }
    if (text.length <= largest) this.#heads.set(ownText(id), head)
    return new SeenProcess(head, part(tailText(line, split, end)), end)
  }

  #tail(line: string, start: number, end: number): Part {
    const key = line.slice(start, end)
    const known = this.#tails.get(key)
    if (known !== undefined) return known
    const tail = part(tailText(line, start, end))
    this.#tails.set(ownText(key), tail)
    return tail
  }
}

/** The last members of an object as an object; `start` is at their comma, or at the closing brace. */
function tailText(line: string, start: number, end: number): string {
  return start === end - 1 ? '{}' : `{${line.slice(start + 1, end)}`
}

/** A copy: a slice would keep all that it was cut from. */
function ownText(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1')
}

function part(json: string): Part {
  const fields: Process = JSON.parse(textOfBytes(json))
  return { fields, bytes: codec.encode(fields) }
}

const beyondAscii = /[\x80-\xff]/

/** Text from UTF-8 in a string of one byte per character. */
export function textOfBytes(bytes: string): string {
  return beyondAscii.test(bytes) ? Buffer.from(bytes, 'latin1').toString('utf8') : bytes
}
