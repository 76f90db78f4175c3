import { actingProcess } from './acting-process.ts'
import { eventField } from './field.ts'
import type { LogSource } from './log-source.ts'

/** Starts of programs: every exec event. */
export const processCreation: LogSource = {
  name: 'process_creation',
  key: 'category',
  doc: 'a program was started',
  fields: { ...actingProcess, UtcTime: eventField('time of the event', 'time') },
  events: ['process_exec'],
  hooks: [],
  records({ key, response }) {
    return key === 'process_exec' ? [{ UtcTime: response.time }] : []
  },
}
