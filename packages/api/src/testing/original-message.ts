import { isExtensionNumber } from '../extension-fields.ts'
import type { Field, Fields, MessageType } from '../message.ts'

const made = new Map<MessageType, MessageType>()

/** A message of the original, without the fields that we add. */
export function originalMessage(type: MessageType): MessageType {
  const known = made.get(type)
  if (known !== undefined) return known
  const fields: Record<string, Field<unknown>> = {}
  const original: MessageType = { ...type, fields: fields as Fields }
  made.set(type, original)
  for (const [name, field] of Object.entries(type.fields)) {
    if (isExtensionNumber(field.number)) continue
    const isMessage = typeof field.type !== 'string' && field.type.kind === 'message'
    fields[name] = isMessage
      ? { ...field, type: originalMessage(field.type as MessageType) }
      : field
  }
  return original
}
