/** Procedures of Tetragon by service, as of August 2026. */
export const rpcs: Readonly<Record<string, readonly string[]>> = {
  'tetragon.FineGuidanceSensors': [
    'GetEvents',
    'GetHealth',
    'AddTracingPolicy',
    'DeleteTracingPolicy',
    'ListTracingPolicies',
    'ConfigureTracingPolicy',
    'EnableTracingPolicy',
    'DisableTracingPolicy',
    'ListSensors',
    'EnableSensor',
    'DisableSensor',
    'RemoveSensor',
    'ListDomains',
    'GetVersion',
    'GetInfo',
    'RuntimeHook',
    'GetDebug',
    'SetDebug',
  ],
  'tetragon.EventLogService': ['SetEventLogParams', 'GetEventLogParams'],
}
