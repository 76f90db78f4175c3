import { uint32 } from '../fields/schema.ts'
import { argumentTypeFacts } from '../operators/argument-facts.ts'
import {
  type ActionContext,
  type ActionDocumentWith,
  type ActionFacts,
  type ActionFamily,
  functions,
  missing,
} from './action.ts'
import { argumentPosition, type NeededArgument } from './argument-position.ts'

const fields = {
  argFd: uint32(
    'FollowFD, UnfollowFD, CopyFD: position of the file descriptor in the list `args`, from 0.',
  ),
  argName: uint32(
    'FollowFD: position of the file or path in the list `args`, from 0. CopyFD: position of the ' +
      'new descriptor. UnfollowFD accepts and ignores it.',
  ),
}
type Document = ActionDocumentWith<typeof fields>

/** Positions in the hook's `args`. */
export interface DescriptorValues {
  readonly fd: number
  readonly name: number
}

const descriptor: NeededArgument = {
  name: 'a file descriptor (int, fd)',
  accepts(type) {
    const { kind, bits } = argumentTypeFacts[type]
    return type === 'fd' || (kind === 'integer' && (bits === 32 || bits === 64))
  },
}

const fileName: NeededArgument = {
  name: 'a file, path or string',
  accepts(type) {
    const { kind } = argumentTypeFacts[type]
    return kind === 'file' || (kind === 'string' && type !== 'char_buf' && type !== 'net_device')
  },
}

function fdPosition(document: Document, context: ActionContext): number {
  return argumentPosition(document.argFd ?? 0, document, 'argFd', descriptor, context)
}

/** Actions that need both arguments. */
function checkBoth(
  document: Document,
  context: ActionContext,
  needed: NeededArgument,
): DescriptorValues {
  const { argName } = document
  if (argName === undefined) missing(document, 'argName', context)
  const fd = fdPosition(document, context)
  if (argName === undefined) return { fd, name: fd }
  return { fd, name: argumentPosition(argName, document, 'argName', needed, context) }
}

const facts = { effect: 'observe', sections: functions, fields } satisfies Partial<ActionFacts>

export const followFdActions = {
  FollowFD: {
    ...facts,
    crdPosition: 13,
    doc:
      'Follows a file descriptor: stores its path. In a policy with this action, hooks with an `fd` ' +
      'argument match followed descriptors only.',
    check: (document: Document, context: ActionContext): DescriptorValues =>
      checkBoth(document, context, fileName),
  },
  UnfollowFD: {
    ...facts,
    crdPosition: 14,
    doc: 'Stops following a file descriptor.',
    check(document: Document, context: ActionContext): DescriptorValues {
      const fd = fdPosition(document, context)
      return { fd, name: document.argName ?? fd }
    },
  },
  CopyFD: {
    ...facts,
    crdPosition: 15,
    doc: 'Also follows a duplicate of the file descriptor.',
    check: (document: Document, context: ActionContext): DescriptorValues =>
      checkBoth(document, context, descriptor),
  },
} satisfies ActionFamily
