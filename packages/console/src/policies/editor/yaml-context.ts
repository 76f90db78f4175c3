/** A position in a YAML text that may be unfinished. */
export interface YamlContext {
  /**
   * Names of the fields that lead there: to the map of a key, or to the field of a value. Items of
   * lists have no names.
   */
  readonly path: readonly string[]
  /** `key`: a name of a field, or an item of a list in lines; `item`: of a list in brackets. */
  readonly place: 'key' | 'value' | 'item'
  /** Offset of the start of the key or value. */
  readonly from: number
}

interface Flow {
  readonly isMap: boolean
  key?: string
}

const keyForm = /^(?:"([^"]*)"|'([^']*)'|([\w.$/-]+))\s*:(?=\s|$)/

/**
 * Finds the fields around a position by indentation and brackets: a parser of YAML would need a
 * finished text. Undefined in comments and in text blocks.
 */
export function yamlContext(text: string, offset: number): YamlContext | undefined {
  const scan = new Scan()
  let start = 0
  for (const line of text.slice(0, offset).split('\n')) {
    scan.line(line, start)
    start += line.length + 1
  }
  return scan.context
}

class Scan {
  /** Keys above, each more indented than the one before. */
  #blocks: { readonly indent: number; readonly key: string }[] = []
  /** Open brackets. */
  #flows: Flow[] = []
  /** Indentation of the key of a text block. */
  #textIndent: number | undefined
  /** About the last line. */
  #isText = false
  #hasKey = false
  #from = 0

  line(line: string, start: number): void {
    this.#isText = false
    this.#hasKey = false
    const indent = line.search(/\S|$/)
    const isBlank = indent === line.length
    if (this.#flows.length > 0) return this.#flow(line, indent, start)
    if (this.#textIndent !== undefined) {
      this.#isText = indent > this.#textIndent
      if (this.#isText || isBlank) return
      this.#textIndent = undefined
    }
    if (line.startsWith('---')) this.#blocks = []
    const at = this.#items(line, indent)
    // A blank line says nothing about the fields after it.
    this.#from = start + at
    if (isBlank) this.#indented = at
    else this.#close(at)
    const key = keyForm.exec(line.slice(at))
    if (key === null) return this.#flow(line, at, start)
    this.#hasKey = true
    this.#blocks.push({ indent: at, key: key[1] ?? key[2] ?? key[3] })
    const value = at + key[0].length + line.slice(at + key[0].length).search(/\S|$/)
    if (/^[|>]/.test(line.slice(value))) this.#textIndent = at
    this.#flow(line, value, start)
  }

  /** Columns of the last line if it is blank: fields below keys that are less indented. */
  #indented: number | undefined

  /** Skips the dashes of items. @returns where their content is */
  #items(line: string, indent: number): number {
    let at = indent
    while (line[at] === '-' && /^(?:\s|$)/.test(line.slice(at + 1))) {
      this.#blocks = this.#blocks.filter((block) => block.indent <= at)
      at++
      at += line.slice(at).search(/\S|$/)
    }
    return at
  }

  #close(at: number): void {
    this.#indented = undefined
    this.#blocks = this.#blocks.filter((block) => block.indent < at)
  }

  /** Brackets, quotes and commas from a column on. */
  #flow(line: string, from: number, start: number): void {
    this.#from = start + from
    for (let at = from; at < line.length; at++) {
      const character = line[at]
      const flow = this.#flows.at(-1)
      if (character === '"' || character === "'") {
        const end = line.indexOf(character, at + 1)
        at = end < 0 ? line.length : end
      } else if (character === '#' && /^\s?$/.test(line[at - 1] ?? '')) {
        this.#isText = true
        return
      } else if (character === '{' || character === '[') {
        if (flow === undefined && at !== from) continue
        this.#flows.push({ isMap: character === '{' })
        this.#next(line, at, start)
      } else if (flow === undefined) {
        // Other characters matter in brackets only.
      } else if (character === '}' || character === ']') {
        this.#flows.pop()
      } else if (character === ',') {
        flow.key = undefined
        this.#next(line, at, start)
      } else if (character === ':' && flow.isMap && flow.key === undefined) {
        flow.key = line
          .slice(this.#from - start, at)
          .trim()
          .replace(/^["']|["']$/g, '')
        this.#next(line, at, start)
      }
    }
  }

  /** The next key or value is after a character. */
  #next(line: string, at: number, start: number): void {
    this.#from = start + at + 1 + line.slice(at + 1).search(/\S|$/)
  }

  get context(): YamlContext | undefined {
    if (this.#isText) return undefined
    const columns = this.#indented ?? Number.POSITIVE_INFINITY
    const blocks = this.#blocks.filter(({ indent }) => indent < columns)
    const inner = this.#flows.at(-1)
    const path = [
      ...blocks.map(({ key }) => key),
      ...this.#flows.flatMap(({ key }) => (key === undefined ? [] : [key])),
    ]
    const hasKey = inner === undefined ? this.#hasKey : inner.key !== undefined
    const place = inner && !inner.isMap ? 'item' : hasKey ? 'value' : 'key'
    return { path, place, from: this.#from }
  }
}
