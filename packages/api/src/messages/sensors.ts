import type { MessageOf } from '../message.ts'
import { bool, many, message, nested, string } from '../message.ts'

/** Sensors: superseded by policies. */

export const SensorStatus = message('SensorStatus', {
  name: string(1),
  enabled: bool(2),
  collection: string(3),
})
export type SensorStatus = MessageOf<typeof SensorStatus>

export const ListSensorsRequest = message('ListSensorsRequest', {})
export type ListSensorsRequest = MessageOf<typeof ListSensorsRequest>

export const ListSensorsResponse = message('ListSensorsResponse', {
  sensors: many(nested(1, SensorStatus)),
})
export type ListSensorsResponse = MessageOf<typeof ListSensorsResponse>

export const RemoveSensorRequest = message('RemoveSensorRequest', { name: string(1) })
export type RemoveSensorRequest = MessageOf<typeof RemoveSensorRequest>

export const RemoveSensorResponse = message('RemoveSensorResponse', {})
export type RemoveSensorResponse = MessageOf<typeof RemoveSensorResponse>

export const EnableSensorRequest = message('EnableSensorRequest', { name: string(1) })
export type EnableSensorRequest = MessageOf<typeof EnableSensorRequest>

export const EnableSensorResponse = message('EnableSensorResponse', {})
export type EnableSensorResponse = MessageOf<typeof EnableSensorResponse>

export const DisableSensorRequest = message('DisableSensorRequest', { name: string(1) })
export type DisableSensorRequest = MessageOf<typeof DisableSensorRequest>

export const DisableSensorResponse = message('DisableSensorResponse', {})
export type DisableSensorResponse = MessageOf<typeof DisableSensorResponse>
