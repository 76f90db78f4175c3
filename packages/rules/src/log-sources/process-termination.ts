import { actingProcess } from './acting-process.ts'
import { eventField } from './field.ts'
import type { LogSource } from './log-source.ts'

/** Ends of processes: every exit event. */
export const processTermination: LogSource = {
  name: 'process_termination',
  key: 'category',
  doc: 'a process ended',
  fields: {
    ...actingProcess,
    UtcTime: eventField('time of the event', 'time'),
    ExitCode: eventField('exit code', 'number'),
    Signal: eventField('name of the signal that ended it, such as SIGKILL'),
  },
  events: ['process_exit'],
  hooks: [],
  records({ key, body, response }) {
    if (key !== 'process_exit') return []
    const { status, signal } = body
    return [
      {
        UtcTime: response.time,
        ExitCode: signal ? undefined : String(status ?? 0),
        Signal: signal || undefined,
      },
    ]
  },
}
