import { uint32 } from '../fields/schema.ts'
import {
  type ActionContext,
  type ActionDefinition,
  type ActionDocumentWith,
  type ActionFamily,
  functions,
} from './action.ts'
import { argumentPosition, type NeededArgument } from './argument-position.ts'

const fields = {
  argSock: uint32('TrackSock, UntrackSock: position of the socket in the list `args`, from 0.'),
}

/** The socket's position in the hook's `args`. */
export interface SockValues {
  readonly sock: number
}

const socket: NeededArgument = {
  name: 'a sock',
  accepts: (type) => type === 'sock' || type === 'socket',
}

const facts = {
  effect: 'observe',
  sections: functions,
  fields,
  check: (document: ActionDocumentWith<typeof fields>, context: ActionContext): SockValues => ({
    sock: argumentPosition(document.argSock ?? 0, document, 'argSock', socket, context),
  }),
} satisfies Partial<ActionDefinition>

export const trackSockActions = {
  TrackSock: { ...facts, crdPosition: 8, doc: 'Makes the process the owner of a socket.' },
  UntrackSock: { ...facts, crdPosition: 9, doc: 'Removes the owner of a socket.' },
} satisfies ActionFamily
