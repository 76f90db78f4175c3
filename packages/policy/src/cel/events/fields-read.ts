import type { ASTNode } from '@marcbachmann/cel-js'
import { findEventKind, type MessageType } from '@tetragon-ts/api'
import { eventEnvironment } from './environment.ts'

/** The message, or list of messages, of a macro's variable. */
type Scope = ReadonlyMap<string, MessageType | undefined>

/**
 * The fields of messages that an expression reads, such as `Process.cap`. Fields that it tests with
 * `has` are not included: it handles their absence.
 * @throws Error if it cannot be parsed
 */
export function fieldsRead(expression: string): ReadonlySet<string> {
  const reader = new FieldReader()
  reader.read(eventEnvironment().parse(expression).ast, new Map())
  return reader.fields()
}

/**
 * The kinds of events that an expression names. For events of other kinds, which are empty messages
 * to it, it has one result.
 * @throws Error if it cannot be parsed
 */
export function kindsRead(expression: string): ReadonlySet<string> {
  const kinds = new Set<string>()
  const collect = (value: unknown): void => {
    if (Array.isArray(value)) for (const each of value) collect(each)
    else if (isNode(value)) {
      // The variable of a macro may have this name: then the kind is one too many.
      if (value.op === 'id' && findEventKind(value.args as string)) kinds.add(value.args as string)
      collect(value.args)
    }
  }
  collect(eventEnvironment().parse(expression).ast)
  return kinds
}

class FieldReader {
  readonly #read = new Set<string>()
  readonly #asked = new Set<string>()

  fields(): ReadonlySet<string> {
    return new Set([...this.#read].filter((field) => !this.#asked.has(field)))
  }

  /**
   * @returns the message type of a value, or of a list's elements; undefined if it is not a message
   */
  read(node: ASTNode, scope: Scope): MessageType | undefined {
    switch (node.op) {
      case 'id':
        return scope.has(node.args)
          ? scope.get(node.args)
          : findEventKind(node.args as string)?.message
      case '.':
        return this.#field(this.read(node.args[0], scope), node.args[1], this.#read)
      case '[]': {
        const [receiver, index] = node.args
        const type = this.read(receiver, scope)
        const name = index.op === 'value' ? index.args : this.read(index, scope)
        return typeof name === 'string' ? this.#field(type, name, this.#read) : type
      }
      case 'call':
        if (node.args[0] === 'has') this.#has(node.args[1][0], scope)
        else this.#each(node.args[1], scope)
        return undefined
      case 'rcall':
        return this.#method(node.args[0], node.args[1], node.args[2], scope)
      default:
        this.#each(node.args, scope)
        return undefined
    }
  }

  /** @param seen collects the fields */
  #field(type: MessageType | undefined, name: string, seen: Set<string>): MessageType | undefined {
    if (type === undefined || !Object.hasOwn(type.fields, name)) return undefined
    seen.add(`${type.name}.${name}`)
    const field = type.fields[name].type
    return typeof field !== 'string' && field.kind === 'message' ? field : undefined
  }

  #has(node: ASTNode, scope: Scope): void {
    if (node.op !== '.') return
    this.#field(this.read(node.args[0], scope), node.args[1], this.#asked)
  }

  /**
   * Macros such as `exists` bind their variable to the elements of the list; `bind` binds it to a
   * value.
   */
  #method(
    name: string,
    receiver: ASTNode,
    args: readonly ASTNode[],
    scope: Scope,
  ): MessageType | undefined {
    const [variable, ...rest] = args
    let type = this.read(receiver, scope)
    if (variable?.op !== 'id' || rest.length === 0) {
      this.#each(args, scope)
      return undefined
    }
    const isFilter = name === 'filter'
    if (name === 'bind') type = this.read(rest[0], scope)
    this.#each(rest, new Map([...scope, [variable.args, type]]))
    return isFilter ? type : undefined
  }

  #each(value: unknown, scope: Scope): void {
    if (Array.isArray(value)) for (const each of value) this.#each(each, scope)
    else if (isNode(value)) this.read(value, scope)
  }
}

function isNode(value: unknown): value is ASTNode {
  return typeof value === 'object' && value !== null && 'op' in value && 'args' in value
}
