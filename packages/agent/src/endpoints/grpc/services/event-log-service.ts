import type { UntypedServiceImplementation } from '@grpc/grpc-js'
import {
  EventLogService,
  type GetEventLogParamsResponse,
  type SetEventLogParamsRequest,
  serviceDefinition,
} from '@tetragon-ts/api'
import type { EventLogControl } from '../../../reader/outputs/export-file.ts'
import { RequestError } from '../../../request-error.ts'
import { unary } from '../../listen/unary.ts'
import type { ServerHost } from '../server-host.ts'

export const eventLogDefinition = serviceDefinition(EventLogService)

/** The service `tetragon.EventLogService`: rotation of the export file. */
export function eventLogService(host: ServerHost): UntypedServiceImplementation {
  const eventLog = (): EventLogControl => {
    if (host.eventLog !== undefined) return host.eventLog
    throw new RequestError(
      'refused',
      'find event log: this agent has no export file that is rotated',
    )
  }
  return {
    GetEventLogParams: unary((): GetEventLogParamsResponse => {
      const { maxSizeMb, rotationInterval, maxBackups } = eventLog().get()
      return { max_size: maxSizeMb, rotation_interval: rotationInterval, max_backups: maxBackups }
    }),
    SetEventLogParams: unary((request: SetEventLogParamsRequest) => {
      const { max_size, rotation_interval, max_backups } = request
      eventLog().set({
        maxSizeMb: max_size,
        rotationInterval: rotation_interval,
        maxBackups: max_backups,
      })
      return {}
    }),
  }
}
